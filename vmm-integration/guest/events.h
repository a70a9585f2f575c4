/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults: accesses that the device refused, which it tells of in a queue of its own (virtio 1.2 section
 * 5.13.6.9), with an interrupt. A thread logs each, and tells it to the driver whose device it was.
 */
#ifndef GUEST_EVENTS_H
#define GUEST_EVENTS_H

#include <linux/virtio_iommu.h>
#include <linux/virtio_ring.h>

/* The most faults that wait for the thread. */
#define GUEST_EVENTS_MOST 64

struct guest_device;

/**
 * struct guest_events - the queue, which the thread alone changes once the device is ready
 * @ring: a descriptor for each buffer, and the rings
 * @doorbell: port that tells the device of buffers
 * @index: index of the next entry in the device's ring
 * @irq: number of the interrupt
 * @faults: the buffers
 */
struct guest_events {
	struct vring ring;
	void __iomem *doorbell;
	u16 index;
	int irq;
	struct virtio_iommu_fault faults[GUEST_EVENTS_MOST];
};

/**
 * guest_events_start() - give the device buffers, and hear its interrupt
 * @device: the device, not ready yet; its events have ring and doorbell
 * @number: number of the queue
 *
 * Return: 0, or a negative errno: there is no interrupt for it.
 */
int guest_events_start(struct guest_device *device, u16 number);

#endif
