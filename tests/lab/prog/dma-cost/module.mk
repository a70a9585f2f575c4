# SPDX-License-Identifier: MIT
LABPROGS += lab-dma-cost
lab-dma-cost.sources := tests/lab/prog/dma-cost/main.c
lab-dma-cost.uses    := uldf
