/* SPDX-License-Identifier: MIT */
#ifndef ULDF_CLAIM_H
#define ULDF_CLAIM_H

#include <stdbool.h>
#include <uldf/discover.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * enum uldf_reset - what stopped or reset a device
 * @ULDF_RESET_BY_NOTHING: it has no reset, and its class no known way to stop it
 * @ULDF_RESET_BY_QUIESCE: no reset, but its DMA engine was stopped by its class's registers
 * @ULDF_RESET_BY_FUNCTION: reset by a method special to the device, or that the kernel does not name
 * @ULDF_RESET_BY_FLR: function level reset (PCIe 6.0 section 6.6.2)
 * @ULDF_RESET_BY_AF: the conventional function's reset (Advanced Features capability)
 * @ULDF_RESET_BY_PM: D3hot and back to D0
 * @ULDF_RESET_BY_BUS: secondary bus reset; all that is on the bus was its holder's
 */
enum uldf_reset {
	ULDF_RESET_BY_NOTHING = 0,
	ULDF_RESET_BY_QUIESCE = 1,
	ULDF_RESET_BY_FUNCTION = 2,
	ULDF_RESET_BY_FLR = 3,
	ULDF_RESET_BY_AF = 4,
	ULDF_RESET_BY_PM = 5,
	ULDF_RESET_BY_BUS = 6,
};

/**
 * uldf_claim_check() - may this process claim and release
 * @ctx: context
 *
 * Return: 0, -EPERM no permission, -ENOENT uldf.ko is not loaded.
 */
int uldf_claim_check(struct uldf_ctx *ctx);

/**
 * uldf_claim() - take a device that no host driver holds, atomically
 * @ctx: context; its reason names the holder on -EBUSY, with the file systems mounted from it
 * @address: the device
 *
 * Needs root. The claim outlives the process; only uldf_release() ends it.
 *
 * Return: 0, -ENODEV no such device, -EBUSY held, claimed already, a bridge, or not alone in its IOMMU
 * group (the reason names the others), -EPERM policy or no permission, -ENOENT uldf.ko is not loaded.
 */
int uldf_claim(struct uldf_ctx *ctx, const struct uldf_address *address);

/**
 * uldf_claim_group() - take a device with all of its IOMMU group, or nothing
 * @ctx: context; its reason tells which of them cannot be had
 * @address: the device; where it is alone in its group, or stands behind no IOMMU, it alone is taken
 *
 * Bridges stay with the host; what of the group is claimed already stays as it is.
 *
 * Return: as uldf_claim(), and -E2BIG more than 256 in the group.
 */
int uldf_claim_group(struct uldf_ctx *ctx, const struct uldf_address *address);

/**
 * enum uldf_giving - how a device is given back
 * @ULDF_GIVING_TO_DRIVERS: let the host's drivers take it again
 * @ULDF_GIVING_GROUP: with all that is claimed of its IOMMU group; a bus that they share can be reset then
 * @ULDF_GIVING_BY_FORCE: also what somebody has open, who gets -ENODEV from then on
 */
enum uldf_giving {
	ULDF_GIVING_TO_DRIVERS = 1 << 0,
	ULDF_GIVING_GROUP = 1 << 1,
	ULDF_GIVING_BY_FORCE = 1 << 2,
};

/**
 * uldf_release() - give a claimed device back, reset
 * @ctx: context; its reason tells on -EBUSY which processes have it open
 * @address: the device
 * @giving: bits of enum uldf_giving
 * @reset: out: how it was reset; may be NULL; untouched on failure
 *
 * Needs root. Nothing is released on failure, but for -EPROTO.
 *
 * Return: 0, -ENODEV not claimed, -EBUSY it is open, or another that is to be released with it; or others of its
 * IOMMU group are claimed, so that no host driver could have it; -EPERM, -ENOENT uldf.ko is not loaded,
 * -EINVAL other bits in @giving, -EPROTO it was released, but a newer uldf.ko tells of a reset that this
 * library does not know.
 */
int uldf_release(struct uldf_ctx *ctx, const struct uldf_address *address, unsigned int giving,
		 enum uldf_reset *reset);

#ifdef __cplusplus
}
#endif

#endif
