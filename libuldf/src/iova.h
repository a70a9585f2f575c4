/* SPDX-License-Identifier: MIT */
/*
 * Which bus addresses of a space are free, for backends whose kernel chooses none. Pure; whoever owns
 * one locks it.
 */
#ifndef ULDF_SRC_IOVA_H
#define ULDF_SRC_IOVA_H

#include <stddef.h>
#include <uldf/space.h>

/** IOVA_PAGE - addresses and sizes are multiples of it */
#define IOVA_PAGE 4096

/* Zeroed, it has no address at all. */
struct iova {
	struct uldf_range *free; /* sorted, whole pages, apart from each other */
	size_t count;
	size_t room;
	size_t taken; /* by iova_choose() and iova_take() */
};

/**
 * iova_fini() - free what it keeps
 * @iova: the addresses, zeroed afterwards
 */
void iova_fini(struct iova *iova);

/**
 * iova_add() - make addresses free that the IOMMU translates
 * @iova: the addresses
 * @first: first address
 * @last: last address; what is no whole page is left out, and so is page 0, which drivers take for none
 *
 * Return: 0, -ENOMEM.
 */
int iova_add(struct iova *iova, uint64_t first, uint64_t last);

/**
 * iova_exclude() - keep a reserved range from being chosen, for good
 * @iova: the addresses
 * @first: first address
 * @last: last address; pages that it touches are excluded whole
 *
 * Return: 0, -ENOMEM.
 */
int iova_exclude(struct iova *iova, uint64_t first, uint64_t last);

/**
 * iova_choose() - take the highest free range
 * @iova: the addresses
 * @size: bytes, a multiple of the page size, not 0
 * @limit: last address that it may end at
 * @out: its first address, ended by iova_give(); untouched on failure
 *
 * Return: 0, -ENOSPC, -ENOMEM.
 */
int iova_choose(struct iova *iova, uint64_t size, uint64_t limit, uint64_t *out);

/**
 * iova_take() - take a range that the caller chose
 * @iova: the addresses
 * @address: its first address, page-aligned
 * @size: bytes, a multiple of the page size, not 0
 *
 * Return: 0, -EEXIST not all of it is free, -ENOMEM.
 */
int iova_take(struct iova *iova, uint64_t address, uint64_t size);

/**
 * iova_give() - give back what iova_choose() or iova_take() took; cannot fail
 * @iova: the addresses
 * @address: its first address
 * @size: bytes: all of what was taken
 */
void iova_give(struct iova *iova, uint64_t address, uint64_t size);

#endif
