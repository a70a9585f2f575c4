// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <uldf/discover.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* How many hexadecimal digits stand at @text, their value in @value; no more than eight are read. */
static unsigned int hex_read(const char *text, uint32_t *value)
{
	unsigned int digits;

	*value = 0;
	for (digits = 0; digits < 8 && hex_digit(text[digits]) >= 0; digits++)
		*value = *value << 4 | (uint32_t)hex_digit(text[digits]);
	return digits;
}

int uldf_address_parse(const char *text, struct uldf_address *out)
{
	uint32_t segment = 0, bus, device, function;
	unsigned int digits;

	if (!text)
		return -EINVAL;
	digits = hex_read(text, &bus);
	if (digits >= 4 && text[digits] == ':') {
		segment = bus;
		text += digits + 1;
		digits = hex_read(text, &bus);
	}
	if (digits != 2 || text[2] != ':')
		return -EINVAL;
	text += 3;
	if (hex_read(text, &device) != 2 || device > 31 || text[2] != '.')
		return -EINVAL;
	text += 3;
	if (hex_read(text, &function) != 1 || function > 7 || text[1])
		return -EINVAL;
	*out = (struct uldf_address){
		.segment = segment,
		.bus = (uint8_t)bus,
		.device = (uint8_t)device,
		.function = (uint8_t)function,
	};
	return 0;
}

void uldf_address_format(const struct uldf_address *address, char buf[ULDF_ADDRESS_TEXT])
{
	snprintf(buf, ULDF_ADDRESS_TEXT, "%04x:%02x:%02x.%x", address->segment, address->bus,
		 address->device & 31U, address->function & 7U);
}
