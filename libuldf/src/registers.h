/* SPDX-License-Identifier: MIT */
/*
 * The mappings of registers in a space. The kernel ends such a mapping when the device with the
 * registers goes, and may choose its bus addresses for another mapping. The library keeps a list of
 * them, so that no call for the mapping that has ended reaches the one that took its place: the
 * addresses stay taken until the memory is unregistered, and only that call ends the mapping alone.
 *
 * All functions but registers_lock() want the lock of the space. A space without registers takes no
 * lock to unmap, or to map at addresses of the caller's choice.
 */
#ifndef ULDF_SRC_REGISTERS_H
#define ULDF_SRC_REGISTERS_H

#include "backend.h"

/**
 * registers_lock() - lock a space that has memory of registers
 * @space: space
 *
 * Return: true if so, and the space is locked.
 */
bool registers_lock(struct uldf_space *space);

/**
 * registers_touch() - find a mapping of registers that a batch touches
 * @space: space
 * @list: the pieces
 * @count: how many
 *
 * Return: the first piece that touches one, or NULL.
 */
const struct uldf_mapping *registers_touch(const struct uldf_space *space,
					   const struct uldf_mapping *list, size_t count);

/**
 * registers_map() - map a batch by the backend's op, and remember the mappings of registers in it
 * @space: space
 * @list: the pieces
 * @count: how many
 *
 * Return: 0, -EEXIST a piece touches a mapping of registers, -ENOMEM, or what the op answers.
 */
int registers_map(struct uldf_space *space, const struct uldf_mapping *list, size_t count);

/**
 * registers_forget() - forget the mappings of registers that a batch touches, which have ended
 * @space: space
 * @list: the pieces
 * @count: how many
 */
void registers_forget(struct uldf_space *space, const struct uldf_mapping *list, size_t count);

/**
 * registers_forget_range() - forget the mappings of registers in a range, which have ended
 * @space: space
 * @first: first bus address
 * @last: last bus address
 */
void registers_forget_range(struct uldf_space *space, uint64_t first, uint64_t last);

/**
 * registers_unmap() - end the mappings of a memory of registers
 * @memory: memory of registers, in a space of no decorator
 *
 * Return: 0, or what the backend answers; the mappings that are left stay remembered.
 */
int registers_unmap(const struct uldf_memory *memory);

/**
 * registers_forget_memory() - forget the mappings of a memory of registers, which have ended
 * @memory: memory of registers
 */
void registers_forget_memory(const struct uldf_memory *memory);

#endif
