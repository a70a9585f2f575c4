# SPDX-License-Identifier: MIT
LABPROGS += lab-refused
lab-refused.sources := tests/lab/prog/refused/main.c
lab-refused.uses := uldf
