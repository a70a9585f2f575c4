/* SPDX-License-Identifier: MIT */
/* What an ATA disk says of itself (ATA/ATAPI-6 section 8.15, ATA8-ACS section 7.16). */
#ifndef ULDF_DRIVERS_ATA_IDENTIFY_H
#define ULDF_DRIVERS_ATA_IDENTIFY_H

#include <stdbool.h>
#include <stdint.h>

#define ATA_IDENTIFY_WORDS 256

struct ata_identity {
	char model[41];
	char serial[21];
	uint64_t blocks;
	uint32_t block_size;
	bool lba48;
	bool dma;
	bool cached;	/* its write cache is on */
	bool flush;	/* FLUSH CACHE */
	bool flush_ext; /* FLUSH CACHE EXT */
	bool fua;	/* WRITE DMA FUA EXT */
};

/**
 * ata_identify() - read what IDENTIFY DEVICE answered
 * @words: the answer, as it came over the bus
 * @out: what it means; untouched on failure
 *
 * Return: 0, -ENXIO no ATA disk, -ENOTSUP a disk without LBA, -EPROTO sizes that cannot be.
 */
int ata_identify(const uint16_t words[ATA_IDENTIFY_WORDS], struct ata_identity *out);

#endif
