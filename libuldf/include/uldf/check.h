/* SPDX-License-Identifier: MIT */
#ifndef ULDF_CHECK_H
#define ULDF_CHECK_H

#include <uldf/device.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: mistakes of a driver - found by the decorator "check:"
 *
 * A device opened as "check:ADDRESS", or "check=FILE:ADDRESS", works as before; what its driver does
 * wrong with mappings, memory, regions and vectors is told to a function and, with the calls that
 * led to it, appended to FILE. Each finding is the context's reason as well. Besides the checks of
 * each call, what is still there is a leak: at uldf_device_close() regions that are mapped, every
 * struct uldf_irq_event, and what is mapped in the space that the device is attached to; at
 * uldf_space_destroy() mappings, buffers and memory.
 *
 * Of what a device does it sees the accesses that the IOMMU refused and the kernel has told
 * (dma_fault.h), at the next call that concerns mappings or memory, or at close. Where it may not read
 * the kernel's log it says so in FILE. Of memory that was freed it sees what is not mapped any
 * more, at the next call that concerns it. A driver waits for MSI or MSI-X in vain that has bound a vector, not
 * switched bus mastering on since then, and made no call for a second. It keeps mappings of registers until the driver
 * unregisters the registers, also when their device is closed before. Where the IOMMU fails to
 * end mappings (-EIO), the space's mappings of that call count as ended, and no later call for
 * them is a mistake. Nor is memory that is registered when such a space is destroyed.
 */

/**
 * enum uldf_check_kind - kinds of mistakes
 * @ULDF_CHECK_UNMAP_TWICE: unmap of what was unmapped before
 * @ULDF_CHECK_UNMAP_OTHER: unmap of a part of a mapping, or of more than it
 * @ULDF_CHECK_UNMAP_NOTHING: unmap where nothing was mapped
 * @ULDF_CHECK_MAP_TWICE: map where something is mapped
 * @ULDF_CHECK_MAP_OUTSIDE: map of what lies outside the memory
 * @ULDF_CHECK_MAP_DIRECTION: map for writing of memory that devices may only read
 * @ULDF_CHECK_MAP_UNATTACHED: map in a space that no device was attached to
 * @ULDF_CHECK_FAULT_ENDED: the device was refused an access to a mapping that was ended
 * @ULDF_CHECK_FAULT_DIRECTION: it was refused one for which there is no access in the mapping
 * @ULDF_CHECK_FAULT_NOTHING: it was refused one where nothing was mapped, as far as is remembered
 * @ULDF_CHECK_MEMORY_MAPPED: unregister of memory that is mapped
 * @ULDF_CHECK_MEMORY_FREED: registered memory is no longer mapped in this process
 * @ULDF_CHECK_REGION_OTHER: unmap of what is not just one mapping of a region
 * @ULDF_CHECK_LEAK_MAPPING: a mapping, or buffer, was never ended
 * @ULDF_CHECK_LEAK_MEMORY: memory was never unregistered
 * @ULDF_CHECK_LEAK_REGION: a region was never unmapped
 * @ULDF_CHECK_LEAK_EVENT: a struct uldf_irq_event was never freed
 * @ULDF_CHECK_NO_MASTER: the driver waits for MSI or MSI-X, and has not switched bus mastering on
 * @ULDF_CHECK_KINDS: how many kinds
 */
enum uldf_check_kind {
	ULDF_CHECK_UNMAP_TWICE,
	ULDF_CHECK_UNMAP_OTHER,
	ULDF_CHECK_UNMAP_NOTHING,
	ULDF_CHECK_MAP_TWICE,
	ULDF_CHECK_MAP_OUTSIDE,
	ULDF_CHECK_MAP_DIRECTION,
	ULDF_CHECK_MAP_UNATTACHED,
	ULDF_CHECK_FAULT_ENDED,
	ULDF_CHECK_FAULT_DIRECTION,
	ULDF_CHECK_FAULT_NOTHING,
	ULDF_CHECK_MEMORY_MAPPED,
	ULDF_CHECK_MEMORY_FREED,
	ULDF_CHECK_REGION_OTHER,
	ULDF_CHECK_LEAK_MAPPING,
	ULDF_CHECK_LEAK_MEMORY,
	ULDF_CHECK_LEAK_REGION,
	ULDF_CHECK_LEAK_EVENT,
	ULDF_CHECK_NO_MASTER,
	ULDF_CHECK_KINDS,
};

/** ULDF_CHECK_DEPTH - the most return addresses of a call that are kept */
#define ULDF_CHECK_DEPTH 16

/**
 * struct uldf_check_finding - a mistake
 * @kind: which
 * @text: one line that names the thing and what is wrong
 * @call: return addresses of the call that was wrong, the innermost first; of a leak the close's, of
 *        a refused access those of the call that found it
 * @call_depth: how many; 0 for %ULDF_CHECK_NO_MASTER, which no call finds
 * @call_at: where the driver made that call: "stray() at driver.c:42"; without debug information
 *           "stray+0x1c in /usr/bin/driver"; NULL where it is not known
 * @made: return addresses of the call that made the mapping, memory or binding; for
 *        %ULDF_CHECK_UNMAP_TWICE and %ULDF_CHECK_FAULT_ENDED of the call that ended it
 * @made_depth: how many; 0 where nothing was made
 * @made_at: where the driver made that call, as @call_at
 *
 * Valid during the call of the function. libdw (of elfutils, loaded if it is installed) reads the lines from the
 * debug information of a driver that was compiled with -g.
 */
struct uldf_check_finding {
	enum uldf_check_kind kind;
	const char *text;
	void *const *call;
	unsigned int call_depth;
	const char *call_at;
	void *const *made;
	unsigned int made_depth;
	const char *made_at;
};

/**
 * uldf_check_report() - have a function called for each mistake
 * @device: device that was opened with "check" among its decorators
 * @fn: the function, or NULL; it is called in the thread that makes the mistake, for %ULDF_CHECK_NO_MASTER in
 *      one of the library's, and may call nothing of this device and its spaces
 * @arg: its argument; both must stay good until the device and its spaces are closed and destroyed
 *
 * Return: 0, -ENOTSUP nothing checks the device.
 */
int uldf_check_report(struct uldf_device *device,
		      void (*fn)(const struct uldf_check_finding *finding, void *arg), void *arg);

/**
 * uldf_check_count() - how many mistakes were found
 * @device: device that was opened with "check" among its decorators
 * @out: how many; untouched on failure
 *
 * Return: 0, -ENOTSUP nothing checks the device.
 */
int uldf_check_count(struct uldf_device *device, uint64_t *out);

#ifdef __cplusplus
}
#endif

#endif
