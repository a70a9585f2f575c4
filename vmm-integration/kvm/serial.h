/* SPDX-License-Identifier: MIT */
/* A 16550A serial port (National Semiconductor PC16550D data sheet) with a line as fast as its other end. */
#ifndef VMM_SERIAL_H
#define VMM_SERIAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "irq-line.h"
#include "ports.h"

#define VMM_SERIAL_PORTS 8
#define VMM_SERIAL_FIFO	 16
#define VMM_SERIAL_LINE	 0x10000 /* bytes on their way to the other end */

/**
 * struct vmm_serial_ops - the other end of the line
 * @output: there is something to fetch, where before there was nothing
 * @room: the receive buffer, found full before, has room again
 *
 * Called with the port's lock held, from any vCPU thread; they must neither block nor call back.
 */
struct vmm_serial_ops {
	void (*output)(void *host);
	void (*room)(void *host);
};

/**
 * struct vmm_serial - a serial port; thread-safe
 * @lock: protects what follows @host
 * @line: its interrupt
 * @ops: the other end
 * @host: first argument of @ops
 * @level: whether the line is up
 * @fifo: bytes received, not read yet
 * @head: index of the oldest
 * @count: how many
 * @full: vmm_serial_receive() could not place everything
 * @sent: bytes sent, not fetched yet
 * @sent_head: index of the oldest
 * @sent_count: how many
 * @thre: the interrupt "transmitter empty" is pending
 * @ier: interrupt enable register
 * @fcr: FIFO control register
 * @lcr: line control register
 * @mcr: modem control register
 * @lsr: the line status register's error bits
 * @scratch: scratch register
 * @divisor: divisor latch
 */
struct vmm_serial {
	pthread_mutex_t lock;
	struct vmm_irq_line line;
	const struct vmm_serial_ops *ops;
	void *host;
	bool level;
	uint8_t fifo[VMM_SERIAL_FIFO];
	unsigned int head;
	unsigned int count;
	bool full;
	uint8_t sent[VMM_SERIAL_LINE];
	size_t sent_head;
	size_t sent_count;
	bool thre;
	uint8_t ier;
	uint8_t fcr;
	uint8_t lcr;
	uint8_t mcr;
	uint8_t lsr;
	uint8_t scratch;
	uint16_t divisor;
};

extern const struct vmm_port_ops vmm_serial_port_ops;

/**
 * vmm_serial_init() - a port as after power-on
 * @serial: uninitialised memory
 * @line: its interrupt; copied
 * @ops: the other end; must outlive the port
 * @host: first argument of @ops
 */
void vmm_serial_init(struct vmm_serial *serial, const struct vmm_irq_line *line,
		     const struct vmm_serial_ops *ops, void *host);

/**
 * vmm_serial_fini() - end vmm_serial_init()
 * @serial: port that no vCPU uses
 */
void vmm_serial_fini(struct vmm_serial *serial);

/**
 * vmm_serial_receive() - bytes arrive on the line
 * @serial: port
 * @bytes: the bytes
 * @count: how many
 *
 * Return: how many found room; the rest are to be offered again after the op @room.
 */
size_t vmm_serial_receive(struct vmm_serial *serial, const uint8_t *bytes, size_t count);

/**
 * vmm_serial_fetch() - take what the guest has sent
 * @serial: port
 * @bytes: where it goes
 * @room: how many fit there
 *
 * While the line has no room for another 16 bytes, a FIFO of them, the guest finds the transmitter
 * busy. What it sends nevertheless is lost once the line is full, as in an overrun transmitter.
 *
 * Return: how many were taken; 0 when there are none, and the op @output tells of the next.
 */
size_t vmm_serial_fetch(struct vmm_serial *serial, uint8_t *bytes, size_t room);

#endif
