/* SPDX-License-Identifier: MIT */
/* Landlock: which files a thread, and those that it makes, can still open. */
#ifndef VMM_LANDLOCK_H
#define VMM_LANDLOCK_H

/**
 * vmm_landlock_enter() - let the calling thread open no more files than the VMM needs
 * @removable: folder whose files can be removed, or NULL
 *
 * What stays: the character devices that are open now can be opened again for reading and writing; what lies
 * below /sys and the process's own folder of /proc can be read. The process has to have no_new_privs,
 * or CAP_SYS_ADMIN.
 *
 * Return: 0, -EOPNOTSUPP the kernel has no Landlock, or what made it fail.
 */
int vmm_landlock_enter(const char *removable);

#endif
