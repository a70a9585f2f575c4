// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uldf.h>
#include "place.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const regions[ULDF_REGION_COUNT] = {"bar0", "bar1", "bar2", "bar3",
						       "bar4", "bar5", "rom",  "config"};

/* A header of type 0 (PCI 3.0 section 6.1), with two short names. */
static const struct {
	const char *name;
	uint8_t offset;
	uint8_t width;
} registers[] = {
	{"vendor_id", PCI_VENDOR_ID, 2},
	{"vendor", PCI_VENDOR_ID, 2},
	{"device_id", PCI_DEVICE_ID, 2},
	{"device", PCI_DEVICE_ID, 2},
	{"command", PCI_COMMAND, 2},
	{"status", PCI_STATUS, 2},
	{"revision", PCI_REVISION_ID, 1},
	{"class_prog", PCI_CLASS_PROG, 1},
	{"class_device", PCI_CLASS_DEVICE, 2},
	{"cache_line_size", PCI_CACHE_LINE_SIZE, 1},
	{"latency_timer", PCI_LATENCY_TIMER, 1},
	{"header_type", PCI_HEADER_TYPE, 1},
	{"bist", PCI_BIST, 1},
	{"base_address_0", PCI_BASE_ADDRESS_0, 4},
	{"base_address_1", PCI_BASE_ADDRESS_1, 4},
	{"base_address_2", PCI_BASE_ADDRESS_2, 4},
	{"base_address_3", PCI_BASE_ADDRESS_3, 4},
	{"base_address_4", PCI_BASE_ADDRESS_4, 4},
	{"base_address_5", PCI_BASE_ADDRESS_5, 4},
	{"cardbus_cis", PCI_CARDBUS_CIS, 4},
	{"subsystem_vendor_id", PCI_SUBSYSTEM_VENDOR_ID, 2},
	{"subsystem_id", PCI_SUBSYSTEM_ID, 2},
	{"rom_address", PCI_ROM_ADDRESS, 4},
	{"capabilities", PCI_CAPABILITY_LIST, 1},
	{"interrupt_line", PCI_INTERRUPT_LINE, 1},
	{"interrupt_pin", PCI_INTERRUPT_PIN, 1},
	{"min_gnt", PCI_MIN_GNT, 1},
	{"max_lat", PCI_MAX_LAT, 1},
};

struct capability_name {
	const char *name;
	uint16_t id;
};

static const struct capability_name standard[] = {
	{"pm", PCI_CAP_ID_PM},	     {"agp", PCI_CAP_ID_AGP},	{"vpd", PCI_CAP_ID_VPD},
	{"msi", PCI_CAP_ID_MSI},     {"pcix", PCI_CAP_ID_PCIX}, {"ht", PCI_CAP_ID_HT},
	{"vndr", PCI_CAP_ID_VNDR},   {"dbg", PCI_CAP_ID_DBG},	{"hotplug", PCI_CAP_ID_SHPC},
	{"ssvid", PCI_CAP_ID_SSVID}, {"exp", PCI_CAP_ID_EXP},	{"msix", PCI_CAP_ID_MSIX},
	{"sata", PCI_CAP_ID_SATA},   {"af", PCI_CAP_ID_AF},	{"ea", PCI_CAP_ID_EA},
};

static const struct capability_name extended[] = {
	{"aer", PCI_EXT_CAP_ID_ERR},	 {"vc", PCI_EXT_CAP_ID_VC},
	{"dsn", PCI_EXT_CAP_ID_DSN},	 {"pb", PCI_EXT_CAP_ID_PWR},
	{"vndr", PCI_EXT_CAP_ID_VNDR},	 {"acs", PCI_EXT_CAP_ID_ACS},
	{"ari", PCI_EXT_CAP_ID_ARI},	 {"ats", PCI_EXT_CAP_ID_ATS},
	{"sriov", PCI_EXT_CAP_ID_SRIOV}, {"page_req", PCI_EXT_CAP_ID_PRI},
	{"rebar", PCI_EXT_CAP_ID_REBAR}, {"tph", PCI_EXT_CAP_ID_TPH},
	{"ltr", PCI_EXT_CAP_ID_LTR},	 {"pasid", PCI_EXT_CAP_ID_PASID},
	{"dpc", PCI_EXT_CAP_ID_DPC},	 {"l1pm", PCI_EXT_CAP_ID_L1SS},
	{"ptm", PCI_EXT_CAP_ID_PTM},
};

bool place_region(const char *text, unsigned int *out)
{
	for (unsigned int i = 0; i < COUNT(regions); i++) {
		if (strcasecmp(text, regions[i]))
			continue;
		*out = i;
		return true;
	}
	return false;
}

const char *place_region_name(unsigned int region)
{
	return regions[region];
}

/* Whole text in one base: no sign, no blank. */
static bool number_in(const char *text, int base, uint64_t *out)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	unsigned long long value;

	if (!text[0] || text[strspn(text, digits)])
		return false;
	errno = 0;
	value = strtoull(text, NULL, base);
	if (errno)
		return false;
	*out = value;
	return true;
}

bool place_number(const char *text, uint64_t *out)
{
	bool hex = !strncasecmp(text, "0x", 2);

	return number_in(hex ? text + 2 : text, hex ? 16 : 10, out);
}

static bool capability_id(const char *text, const struct capability_name *table, size_t count,
			  unsigned int digits, uint16_t *out)
{
	uint64_t id;

	for (size_t i = 0; i < count; i++) {
		if (text[0] != '_' || strcasecmp(text + 1, table[i].name))
			continue;
		*out = table[i].id;
		return true;
	}
	if (strlen(text) != digits || !number_in(text, 16, &id))
		return false;
	*out = (uint16_t)id;
	return true;
}

/* "command", "cap_exp", "ecap_aer", "cap10", "ecap0001". */
static bool register_parse(const char *name, struct place *out)
{
	for (size_t i = 0; i < COUNT(registers); i++) {
		if (strcasecmp(name, registers[i].name))
			continue;
		*out = (struct place){.offset = registers[i].offset, .width = registers[i].width};
		return true;
	}
	*out = (struct place){.base = PLACE_STANDARD};
	if (!strncasecmp(name, "cap", 3))
		return capability_id(name + 3, standard, COUNT(standard), 2, &out->id);
	out->base = PLACE_EXTENDED;
	return !strncasecmp(name, "ecap", 4) &&
	       capability_id(name + 4, extended, COUNT(extended), 4, &out->id);
}

bool place_parse(const char *text, bool config, struct place *out)
{
	struct place place = {.base = PLACE_REGION};
	char name[32];
	size_t length = strcspn(text, "+");
	uint64_t more = 0;

	if (place_number(text, &place.offset)) {
		*out = place;
		return true;
	}
	if (!config || length >= sizeof(name))
		return false;
	memcpy(name, text, length);
	name[length] = '\0';
	if (text[length] && !place_number(text + length + 1, &more))
		return false;
	if (!register_parse(name, &place) || more >= PCI_CFG_SPACE_EXP_SIZE)
		return false;
	place.offset += more;
	if (text[length])
		place.width = 0;
	*out = place;
	return true;
}
