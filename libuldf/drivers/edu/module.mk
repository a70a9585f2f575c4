# SPDX-License-Identifier: MIT
PROGRAMS += uldf-edu
EXAMPLES += uldf-edu
uldf-edu.sources := libuldf/drivers/edu/edu.c
uldf-edu.uses    := uldf

# The same from the page that explains it: what is told is what is tested.
LABPROGS += lab-tutorial
lab-tutorial.sources := $(B)/tutorial/edu.c
lab-tutorial.uses    := uldf
$(B)/tutorial/edu.c: libuldf/drivers/edu/README.md libuldf/drivers/edu/extract
	$(Q)mkdir -p $(@D) && libuldf/drivers/edu/extract $< >$@
