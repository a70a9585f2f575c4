// SPDX-License-Identifier: MIT
/* What a disk says of itself: IDENTIFY DEVICE (section 8.15). */
#include <endian.h>
#include <string.h>
#include "model/ide/ide.h"

#define WORDS	    256
#define SECTORS_28  UINT64_C(0x0fffffff) /* that commands with 28 bits of address reach */
#define SIGNATURE   0xa5		 /* before the checksum */
#define VALID	    0x4000	      /* in words whose upper bits say that they hold something */
#define SUPPORTS_82 (1 << 3 | 1 << 5) /* power management, write cache */
#define CACHE_82    (1 << 5)
#define SUPPORTS_83 (1 << 10 | 1 << 12 | 1 << 13) /* 48 bits of address; both flushes */

/* ASCII, of each word the upper byte first, filled up with spaces. */
static void put_text(uint16_t *words, unsigned int from, unsigned int to, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < (to - from + 1) * 2; i++) {
		uint16_t letter = (uint8_t)(i < length ? text[i] : ' ');

		words[from + i / 2] |= (uint16_t)(letter << (i % 2 ? 0 : 8));
	}
}

uint64_t model_ide_sectors(const struct ide_device *device, bool ext)
{
	return ext || device->disk.blocks < SECTORS_28 ? device->disk.blocks : SECTORS_28;
}

static void put_size(uint16_t *words, const struct ide_device *device)
{
	uint64_t low = model_ide_sectors(device, false), sectors = model_ide_sectors(device, true);

	words[60] = (uint16_t)low;
	words[61] = (uint16_t)(low >> 16);
	for (unsigned int i = 0; i < 4; i++)
		words[100 + i] = (uint16_t)(sectors >> 16 * i);
}

static void put_features(uint16_t *words, const struct ide_device *device)
{
	words[80] = 1 << 4 | 1 << 5 | 1 << 6; /* ATA/ATAPI-4 to ATA/ATAPI-6 */
	words[82] = SUPPORTS_82;
	words[83] = VALID | SUPPORTS_83;
	words[84] = VALID;
	words[85] = device->cached ? SUPPORTS_82 : SUPPORTS_82 & ~CACHE_82;
	words[86] = SUPPORTS_83;
	words[87] = VALID;
}

/* The sum of all bytes is 0. */
static void put_checksum(uint8_t *data)
{
	uint8_t sum = SIGNATURE;

	data[2 * WORDS - 2] = SIGNATURE;
	for (unsigned int i = 0; i < 2 * WORDS - 2; i++)
		sum += data[i];
	data[2 * WORDS - 1] = (uint8_t)-sum;
}

void model_ide_identify(const struct ide_channel *channel, unsigned int index, uint8_t *data)
{
	const struct ide_device *device = &channel->devices[index];
	uint16_t words[WORDS] = {
		[0] = 1 << 6, /* not removable */
		[47] = 0x8000 | MOST_MULTIPLE,
		[49] = 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 13, /* DMA, LBA, IORDY, timer */
		[50] = VALID,
		[53] = 1 << 1, /* words 64 to 70 hold something */
		[63] = 7,      /* multiword DMA modes 0 to 2 */
		[64] = 3,      /* PIO modes 3 and 4 */
		/* cycles of these modes, in nanoseconds */
		[65] = 120,
		[66] = 120,
		[67] = 120,
		[68] = 120,
		/* by jumpers, device 0 or device 1 */
		[93] = index ? VALID | 3 << 8 : VALID | 3,
	};

	put_text(words, 10, 19, device->serial);
	put_text(words, 23, 26, "1.0");
	put_text(words, 27, 46, "uldf model");
	if (device->multiple)
		words[59] = (uint16_t)(0x100 | device->multiple);
	words[63] |= (uint16_t)(0x100 << device->dma);
	put_size(words, device);
	put_features(words, device);
	for (unsigned int i = 0; i < WORDS; i++)
		words[i] = htole16(words[i]);
	memcpy(data, words, sizeof(words));
	put_checksum(data);
}
