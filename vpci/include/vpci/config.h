/* SPDX-License-Identifier: MIT */
#ifndef VPCI_CONFIG_H
#define VPCI_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** VPCI_CONFIG_SIZE - bytes of a PCI Express configuration space; conventional ones have 256 */
#define VPCI_CONFIG_SIZE 4096

/** enum - indices of base address registers */
enum {
	VPCI_BAR0 = 0,
	VPCI_BAR5 = 5,
	VPCI_BARS = 6,
};

/**
 * enum vpci_bar_type - what a base address register asks for
 * @VPCI_BAR_NONE: nothing, or the upper half of the 64-bit one before it
 * @VPCI_BAR_PORTS: I/O ports
 * @VPCI_BAR_MEM32: memory below 4 GiB
 * @VPCI_BAR_MEM64: memory anywhere; takes two registers
 */
enum vpci_bar_type {
	VPCI_BAR_NONE,
	VPCI_BAR_PORTS,
	VPCI_BAR_MEM32,
	VPCI_BAR_MEM64,
};

/**
 * struct vpci_bar - one base address register (PCI 3.0 section 6.2.5)
 * @type: what it asks for
 * @prefetchable: reads of the memory have no side effects
 * @fixed: at @base whatever is written; its register reads as zero, as on an IDE controller in
 *	compatibility mode
 * @base: where a fixed one lies; 0 for others
 * @size: bytes or ports; a power of two unless @fixed
 */
struct vpci_bar {
	enum vpci_bar_type type;
	bool prefetchable;
	bool fixed;
	uint64_t base;
	uint64_t size;
};

/**
 * struct vpci_identity - what a function says it is
 * @vendor: vendor id
 * @device: device id
 * @subvendor: subsystem vendor id
 * @subdevice: subsystem id
 * @class_code: class, subclass and programming interface, 24 bits
 * @revision: revision id
 * @pin: 1..4 for INTA..INTD, 0 without INTx
 */
struct vpci_identity {
	uint16_t vendor;
	uint16_t device;
	uint16_t subvendor;
	uint16_t subdevice;
	uint32_t class_code;
	uint8_t revision;
	uint8_t pin;
};

/**
 * struct vpci_config - the configuration space of a function, and what a guest's write does to it
 * @size: 256 or VPCI_CONFIG_SIZE
 * @last: the capability added last, 0 for none
 * @last_extended: the extended capability added last, 0 for none
 * @bar: base address registers
 * @value: what is read
 * @writable: bits that take the value written
 * @live: bits that the function itself answers, in its config_read and config_write ops
 * @reset: @value after a reset
 *
 * Pure data: no access has an effect outside of it. Registers are little-endian.
 */
struct vpci_config {
	unsigned int size;
	uint8_t last;
	uint16_t last_extended;
	struct vpci_bar bar[VPCI_BARS];
	uint8_t value[VPCI_CONFIG_SIZE];
	uint8_t writable[VPCI_CONFIG_SIZE];
	uint8_t live[VPCI_CONFIG_SIZE];
	uint8_t reset[VPCI_CONFIG_SIZE];
};

/**
 * vpci_config_init() - begin a type 0 header (PCI 3.0 section 6.1)
 * @config: configuration space
 * @size: 256 or VPCI_CONFIG_SIZE
 * @identity: what the function is
 *
 * The command register takes the enables of memory, I/O, bus mastering, memory write and
 * invalidate, parity, SERR and the INTx disable; cache line size, latency timer and interrupt line
 * keep what is written. No BAR, no capability.
 */
void vpci_config_init(struct vpci_config *config, unsigned int size,
		      const struct vpci_identity *identity);

/**
 * vpci_config_define() - define bytes of a register
 * @config: configuration space
 * @offset: where, @offset + @width within the space
 * @width: 1, 2 or 4 bytes
 * @value: what it reads as
 * @writable: bits that take the value written
 */
void vpci_config_define(struct vpci_config *config, unsigned int offset, unsigned int width,
			uint32_t value, uint32_t writable);

/**
 * vpci_config_pass() - leave bits of a register to the function
 * @config: configuration space
 * @offset: where, @offset + @width within the space
 * @width: 1, 2 or 4 bytes
 * @live: bits that the function's config_read and config_write ops answer
 */
void vpci_config_pass(struct vpci_config *config, unsigned int offset, unsigned int width,
		      uint32_t live);

/**
 * vpci_config_live() - which bits of an access the function answers
 * @config: configuration space
 * @offset: first byte
 * @width: 1, 2 or 4
 *
 * Return: the bits; none past the end.
 */
uint32_t vpci_config_live(const struct vpci_config *config, unsigned int offset,
			  unsigned int width);

/**
 * vpci_config_set_bar() - define a base address register
 * @config: configuration space
 * @index: VPCI_BAR0..VPCI_BAR5; a 64-bit one takes the next as well
 * @bar: what it asks for
 *
 * Return: 0, -EINVAL no such register, a size that is not a power of two or too small (4 ports,
 * 16 bytes of memory) or too large for the type, -EBUSY the register is defined.
 */
int vpci_config_set_bar(struct vpci_config *config, unsigned int index, const struct vpci_bar *bar);

/**
 * vpci_config_bar_base() - where a base address register points
 * @config: configuration space
 * @index: which
 * @base: out: first address or port; untouched when the function does not decode it
 *
 * Return: true when the command register has it decoded.
 */
bool vpci_config_bar_base(const struct vpci_config *config, unsigned int index, uint64_t *base);

/**
 * vpci_config_move_bar() - write an address into a base address register, as firmware does
 * @config: configuration space
 * @index: which
 * @base: address or port
 *
 * Return: 0, -EINVAL no such register, fixed, or @base is not aligned to its size or out of reach.
 */
int vpci_config_move_bar(struct vpci_config *config, unsigned int index, uint64_t base);

/**
 * vpci_config_add_capability() - append a capability to the list (PCI 3.0 section 6.7)
 * @config: configuration space
 * @id: capability id
 * @offset: where it lies, 0x40..0xfc, a multiple of 4
 * @size: bytes with its two of header
 *
 * Its registers are zero and read-only until defined. Return: 0, -EINVAL.
 */
int vpci_config_add_capability(struct vpci_config *config, uint8_t id, unsigned int offset,
			       unsigned int size);

/**
 * vpci_config_add_extended() - append an extended capability (PCIe 6.0 section 7.6.3)
 * @config: configuration space of VPCI_CONFIG_SIZE
 * @id: extended capability id
 * @version: its version, 0..15
 * @offset: where it lies, 0x100..0xffc, a multiple of 4
 * @size: bytes with its four of header
 *
 * The list begins at 0x100; if the first one added lies elsewhere, a null capability leads to it.
 *
 * Return: 0, -EINVAL.
 */
int vpci_config_add_extended(struct vpci_config *config, uint16_t id, unsigned int version,
			     unsigned int offset, unsigned int size);

/**
 * vpci_config_read() - read a register
 * @config: configuration space
 * @offset: first byte
 * @width: 1, 2 or 4
 *
 * Return: its value; all ones past the end.
 */
uint32_t vpci_config_read(const struct vpci_config *config, unsigned int offset,
			  unsigned int width);

/**
 * vpci_config_write() - write a register as a guest does
 * @config: configuration space
 * @offset: first byte
 * @width: 1, 2 or 4
 * @value: what is written; bits that cannot be written keep theirs, nothing happens past the end
 */
void vpci_config_write(struct vpci_config *config, unsigned int offset, unsigned int width,
		       uint32_t value);

/**
 * vpci_config_remember() - make the present values those that a reset brings back
 * @config: configuration space
 *
 * The bus does it when the function is added.
 */
void vpci_config_remember(struct vpci_config *config);

/**
 * vpci_config_reset() - bring the remembered values back
 * @config: configuration space
 */
void vpci_config_reset(struct vpci_config *config);

/**
 * vpci_config_touches() - does an access touch a register?
 * @offset: first byte of the access
 * @width: bytes of the access
 * @start: first byte of the register
 * @size: bytes of the register
 *
 * Return: true when they have a byte in common.
 */
static inline bool vpci_config_touches(unsigned int offset, unsigned int width, unsigned int start,
				       unsigned int size)
{
	return offset < start + size && start < offset + width;
}

#ifdef __cplusplus
}
#endif

#endif
