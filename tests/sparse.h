/* SPDX-License-Identifier: MIT */
/* For sparse 0.6.4, which does not know what the headers of Linux 7.3 use. It reads this file before each source. */
#define __typeof_unqual__	 __typeof__
#define __builtin_strlen(string) (sizeof(string) - 1)
