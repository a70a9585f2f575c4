/* SPDX-License-Identifier: MIT */
/*
 * A hostile device: a backend whose registers and DMA behave as an honest device's until the fuzzer's bytes say
 * otherwise. They change what a register reads as, have accesses fail, write into whatever memory is mapped, send
 * interrupts that nobody asked for, and take the device away. Every access of the driver is a chance to do one
 * such thing; a byte says how many accesses pass until the next.
 *
 * One device at a time, in one thread.
 */
#ifndef TESTS_FUZZ_HOSTILE_H
#define TESTS_FUZZ_HOSTILE_H

#include "backend.h"
#include "input.h"

#define HOSTILE_BARS 6

/**
 * struct hostile_kind - the honest device behind it
 * @sizes: bytes of each BAR, 0 for none, at most 0x20000
 * @ports: a bit for each BAR that is ports
 * @vectors: of each type
 * @id: of the configuration space: device and vendor
 * @class_code: class, subclass and programming interface
 * @reset: Give registers their first values; they are zero.
 * @read: Answer a read of a BAR; @stored is what was written there last. NULL: that is the answer.
 * @write: Do what a write of a BAR asks for; the value is stored already.
 * @mischief: Do something that only such a device can do wrong. NULL: nothing.
 */
struct hostile_kind {
	uint32_t sizes[HOSTILE_BARS];
	unsigned int ports;
	unsigned int vectors[ULDF_IRQ_TYPES];
	uint32_t id;
	uint32_t class_code;
	void (*reset)(void);
	uint64_t (*read)(unsigned int bar, uint32_t offset, unsigned int width, uint64_t stored);
	void (*write)(unsigned int bar, uint32_t offset, unsigned int width, uint64_t value);
	void (*mischief)(struct input *input);
};

/**
 * hostile_open() - open the device, and attach it to a space of its own
 * @kind: what it is; must outlive it
 * @input: what decides of its mischief; must outlive it
 * @space: out: the space
 *
 * Ends the process where that fails, as nothing hostile has happened yet.
 *
 * Return: the device.
 */
struct uldf_device *hostile_open(const struct hostile_kind *kind, struct input *input,
				 struct uldf_space **space);

/**
 * hostile_close() - end hostile_open(), and the process if the driver left something behind
 * @device: device
 * @space: its space
 *
 * A driver that closed its device has freed vectors, ended its mappings and, unless the device is gone, switched bus
 * mastering off.
 */
void hostile_close(struct uldf_device *device, struct uldf_space *space);

/** hostile_is_gone() - was the device taken away? */
bool hostile_is_gone(void);

/**
 * hostile_register() - a register as it is stored
 * @bar: BAR
 * @offset: bytes, a multiple of 4
 *
 * Return: where; little-endian.
 */
uint32_t *hostile_register(unsigned int bar, uint32_t offset);

/**
 * hostile_reach() - memory as the device sees it
 * @bus: bus address
 * @size: bytes
 *
 * Return: where the bytes are, or NULL unless all are mapped.
 */
void *hostile_reach(uint64_t bus, size_t size);

/**
 * hostile_interrupt() - send an interrupt, as far as the driver listens
 * @vector: vector
 */
void hostile_interrupt(unsigned int vector);

/**
 * hostile_main() - make an input to begin with, if that is what the command line asks for
 * @argc: of main
 * @argv: of main
 *
 * "--seed FILE" writes @seed and ends the process.
 *
 * @seed: the input
 * @size: its bytes
 */
void hostile_main(int argc, char **argv, const uint8_t *seed, size_t size);

#endif
