// SPDX-License-Identifier: MIT
#include "ata-identify.h"

#include <endian.h>
#include <errno.h>
#include "disk-text.h"

/* Words of the answer. */
enum {
	GENERAL = 0,
	SERIAL = 10,
	MODEL = 27,
	CAPABILITIES = 49,
	SECTORS_28 = 60,
	SUPPORTED = 83,
	EXTENSION = 84,
	ENABLED = 85,
	SECTORS_48 = 100,
	SECTOR_SIZE = 106,
	SECTOR_WORDS = 117,
};

#define GENERAL_NOT_ATA	    0x8000
#define CAPABILITIES_DMA    0x0100
#define CAPABILITIES_LBA    0x0200
#define SUPPORTED_LBA48	    0x0400
#define SUPPORTED_FLUSH	    0x1000
#define SUPPORTED_FLUSH_EXT 0x2000
#define EXTENSION_FUA	    0x0040 /* ATA/ATAPI-7 section 6.17.44 */
#define ENABLED_CACHE	    0x0020
#define SECTOR_SIZE_LONG    0x1000 /* more than 256 words: SECTOR_WORDS says how many */
#define SECTOR_MOST	    65536
#define BLOCKS_28_MOST	    UINT64_C(0xfffffff) /* ATA/ATAPI-6 section 8.15.26 */
#define BLOCKS_48_MOST	    (UINT64_C(1) << 48)

/* Words 83, 84 and 106 hold something only where their two upper bits are 01. */
static uint16_t valid_word(const uint16_t *words, unsigned int index)
{
	uint16_t word = le16toh(words[index]);

	return (word & 0xc000) == 0x4000 ? word : 0;
}

static uint32_t word_pair(const uint16_t *words, unsigned int index)
{
	return le16toh(words[index]) | (uint32_t)le16toh(words[index + 1]) << 16;
}

static int read_sizes(const uint16_t *words, struct ata_identity *id)
{
	id->block_size = 512;
	if (valid_word(words, SECTOR_SIZE) & SECTOR_SIZE_LONG) {
		uint32_t half = word_pair(words, SECTOR_WORDS);

		if (half < 256 || half > SECTOR_MOST / 2 || half & (half - 1))
			return -EPROTO;
		id->block_size = half * 2;
	}
	id->blocks = word_pair(words, SECTORS_28);
	/* A command without extension would reach the block 2^28 before the one that is meant. */
	if (!id->lba48 && id->blocks > BLOCKS_28_MOST)
		return -EPROTO;
	if (id->lba48)
		id->blocks = word_pair(words, SECTORS_48) |
			     (uint64_t)word_pair(words, SECTORS_48 + 2) << 32;
	return id->blocks && id->blocks <= BLOCKS_48_MOST ? 0 : -EPROTO;
}

int ata_identify(const uint16_t words[ATA_IDENTIFY_WORDS], struct ata_identity *out)
{
	uint16_t capabilities = le16toh(words[CAPABILITIES]);
	uint16_t supported = valid_word(words, SUPPORTED);
	struct ata_identity id = {0};
	int err;

	if (le16toh(words[GENERAL]) & GENERAL_NOT_ATA)
		return -ENXIO;
	if (!(capabilities & CAPABILITIES_LBA))
		return -ENOTSUP;
	id.dma = capabilities & CAPABILITIES_DMA;
	id.lba48 = supported & SUPPORTED_LBA48;
	id.flush = supported & SUPPORTED_FLUSH;
	id.flush_ext = supported & SUPPORTED_FLUSH_EXT;
	id.fua = id.lba48 && valid_word(words, EXTENSION) & EXTENSION_FUA;
	id.cached = le16toh(words[ENABLED]) & ENABLED_CACHE;
	err = read_sizes(words, &id);
	if (err)
		return err;
	disk_text(id.model, (const uint8_t *)&words[MODEL], 40, 1);
	disk_text(id.serial, (const uint8_t *)&words[SERIAL], 20, 1);
	*out = id;
	return 0;
}
