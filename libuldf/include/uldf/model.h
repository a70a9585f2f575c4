/* SPDX-License-Identifier: MIT */
#ifndef ULDF_MODEL_H
#define ULDF_MODEL_H

#include <uldf/device.h>
#include <uldf/dma_fault.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: models - devices made of software, in this process
 *
 * uldf_device_open() makes one each time that it is given "model:NAME" or
 * "model:NAME?OPTION=VALUE&OPTION=VALUE"; uldf_device_close() ends it. A model needs no hardware, no
 * kernel module and no privilege. Whoever drives it does so by the same calls as a device of the
 * host: it stands behind an IOMMU (the space that it is attached to), and its registers answer as the
 * device's specification says. "%XX" in a value is the character with that hexadecimal code.
 *
 * "model:edu" is the device that https://www.qemu.org/docs/master/specs/edu.html describes. It has no
 * options.
 *
 * "model:nvme" is an NVMe controller (NVM Express 1.4) with one namespace in blocks of 512 bytes, behind QEMU's ids.
 * "file=PATH" names the file behind it, which one model at a time has; without it the namespace is memory, and ends with
 * the device. "size=BYTES" (with K, M, G or T) is the size of the namespace, else the file's, or 64M of memory.
 * "serial=TEXT" is its serial number, of up to 20 characters.
 *
 * "model:ide" is the IDE function of Intel's PIIX3 in compatibility mode (ATA/ATAPI-6, BMIDE 1.0): regions 0 to 3 are the
 * legacy ports, the vectors are the ISA lines 14 and 15. Its first disk is the master of the primary channel, with "file=PATH"
 * and "size=BYTES" as above. "file2=PATH" or "size2=BYTES" adds the slave of that channel, "file3", "size3", "file4" and
 * "size4" add master and slave of the secondary one. "serial=TEXT", of up to 18 characters, is the serial number of the first
 * disk, and with "-2", "-3" and "-4" behind it that of the others.
 *
 * "model:e1000e" is a network card, an Intel 82574L without flash and without manageability.
 * "peer=NAME" plugs it into one end of the cable of that name, whose other end is the next card's of this process
 * that is opened with the same name; the link is there while both cards are. A third one is -EBUSY.
 * "tap=NAME" plugs it into a TAP interface that is there; it takes no privilege if the interface is the caller's
 * (ip tuntap add NAME mode tap user USER). Without either nothing is plugged in, and there is no link.
 * "mac=52:54:00:12:34:56" is its address, else one of 52:54:00 drawn by lot. A card sends nothing while there is
 * no link, and misses frames that find no receive buffer; it has no FIFO.
 *
 * Regions of models cannot be mapped (-ENOTSUP), as a model would not see accesses by a mapping.
 */

/**
 * uldf_model_unplug() - pull a model out, as a hand pulls a card
 * @device: model, which may be decorated; any thread may call this
 *
 * The holder is told %ULDF_EVENT_REMOVED, and its calls are -ENODEV from then on.
 *
 * Return: 0, -ENOTSUP not a model.
 */
int uldf_model_unplug(struct uldf_device *device);

/**
 * uldf_model_fault() - take the next access to memory that the model was refused
 * @device: model, which may be decorated; any thread may call this
 * @out: the fault, whose device is zero; untouched unless there is one
 *
 * A model is refused what its space has not mapped for such an access. Of one transfer the first
 * address is told. 16 faults are kept; further ones are not told. "check:" takes the faults itself.
 *
 * Return: 1 a fault, 0 no more for now, -ENOTSUP not a model.
 */
int uldf_model_fault(struct uldf_device *device, struct uldf_dma_fault *out);

#ifdef __cplusplus
}
#endif

#endif
