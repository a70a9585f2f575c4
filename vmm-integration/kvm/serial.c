// SPDX-License-Identifier: MIT
#include "serial.h"

#include <linux/serial_reg.h>

#define LOOP_INPUTS (UART_MSR_DCD | UART_MSR_RI | UART_MSR_DSR | UART_MSR_CTS)

/* Bytes that raise "data available", by the two upper bits of the FIFO control register. */
static const uint8_t triggers[] = {1, 4, 8, 14};

static unsigned int room(const struct vmm_serial *serial)
{
	return serial->fcr & UART_FCR_ENABLE_FIFO ? VMM_SERIAL_FIFO : 1;
}

/* Whether the line takes as much as a driver sends at once when the transmitter is empty. */
static bool transmitter_empty(const struct vmm_serial *serial)
{
	return VMM_SERIAL_LINE - serial->sent_count >= VMM_SERIAL_FIFO;
}

/*
 * The pending interrupt of the highest priority. Bytes below the trigger level count as timed out at
 * once: on an infinitely fast line no more are coming.
 */
static uint8_t pending(const struct vmm_serial *serial)
{
	if (serial->ier & UART_IER_RLSI && serial->lsr & UART_LSR_BRK_ERROR_BITS)
		return UART_IIR_RLSI;
	if (serial->ier & UART_IER_RDI && serial->count) {
		bool fifo = serial->fcr & UART_FCR_ENABLE_FIFO;

		return fifo && serial->count < triggers[serial->fcr >> 6] ? UART_IIR_RX_TIMEOUT
									  : UART_IIR_RDI;
	}
	if (serial->ier & UART_IER_THRI && serial->thre)
		return UART_IIR_THRI;
	return UART_IIR_NO_INT;
}

/* On a PC the interrupt output passes a gate that the modem control bit OUT2 opens. */
static void update_line(struct vmm_serial *serial)
{
	bool gate = serial->mcr & UART_MCR_OUT2 && !(serial->mcr & UART_MCR_LOOP);
	bool level = gate && pending(serial) != UART_IIR_NO_INT;

	if (level == serial->level)
		return;
	serial->level = level;
	vmm_irq_line_set(&serial->line, level);
}

void vmm_serial_init(struct vmm_serial *serial, const struct vmm_irq_line *line,
		     const struct vmm_serial_ops *ops, void *host)
{
	*serial = (struct vmm_serial){
		.line = *line, .ops = ops, .host = host, .divisor = 12 /* 9600 baud */};
	pthread_mutex_init(&serial->lock, NULL);
}

void vmm_serial_fini(struct vmm_serial *serial)
{
	pthread_mutex_destroy(&serial->lock);
}

static bool put(struct vmm_serial *serial, uint8_t byte)
{
	if (serial->count >= room(serial))
		return false;
	serial->fifo[(serial->head + serial->count++) % VMM_SERIAL_FIFO] = byte;
	return true;
}

static uint8_t get(struct vmm_serial *serial)
{
	uint8_t byte;

	if (!serial->count)
		return 0;
	byte = serial->fifo[serial->head];
	serial->head = (serial->head + 1) % VMM_SERIAL_FIFO;
	serial->count--;
	return byte;
}

/* What could not be placed may be placed now. */
static void tell_room(struct vmm_serial *serial)
{
	if (serial->full && serial->count < room(serial)) {
		serial->full = false;
		serial->ops->room(serial->host);
	}
}

size_t vmm_serial_receive(struct vmm_serial *serial, const uint8_t *bytes, size_t count)
{
	size_t taken = 0;

	pthread_mutex_lock(&serial->lock);
	/* In loopback the receiver is cut off from the line; what arrives waits outside. */
	if (!(serial->mcr & UART_MCR_LOOP))
		while (taken < count && put(serial, bytes[taken]))
			taken++;
	serial->full = taken < count;
	update_line(serial);
	pthread_mutex_unlock(&serial->lock);
	return taken;
}

size_t vmm_serial_fetch(struct vmm_serial *serial, uint8_t *bytes, size_t room)
{
	size_t taken = 0;
	bool busy;

	pthread_mutex_lock(&serial->lock);
	busy = !transmitter_empty(serial);
	while (taken < room && serial->sent_count) {
		bytes[taken++] = serial->sent[serial->sent_head];
		serial->sent_head = (serial->sent_head + 1) % VMM_SERIAL_LINE;
		serial->sent_count--;
	}
	if (busy && transmitter_empty(serial))
		serial->thre = true;
	update_line(serial);
	pthread_mutex_unlock(&serial->lock);
	return taken;
}

static void send(struct vmm_serial *serial, uint8_t byte)
{
	if (serial->sent_count == VMM_SERIAL_LINE)
		return;
	serial->sent[(serial->sent_head + serial->sent_count++) % VMM_SERIAL_LINE] = byte;
	if (serial->sent_count == 1)
		serial->ops->output(serial->host);
}

static void transmit(struct vmm_serial *serial, uint8_t byte)
{
	if (!(serial->mcr & UART_MCR_LOOP))
		send(serial, byte);
	else if (!put(serial, byte))
		serial->lsr |= UART_LSR_OE;
	serial->thre = transmitter_empty(serial); /* the byte itself has left already */
}

/* In loopback the modem outputs appear as inputs; otherwise a terminal is there and ready. */
static uint8_t modem_status(const struct vmm_serial *serial)
{
	uint8_t status = 0;

	if (!(serial->mcr & UART_MCR_LOOP))
		return UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
	status |= serial->mcr & UART_MCR_DTR ? UART_MSR_DSR : 0;
	status |= serial->mcr & UART_MCR_RTS ? UART_MSR_CTS : 0;
	status |= serial->mcr & UART_MCR_OUT1 ? UART_MSR_RI : 0;
	status |= serial->mcr & UART_MCR_OUT2 ? UART_MSR_DCD : 0;
	return status & LOOP_INPUTS;
}

static void write_fcr(struct vmm_serial *serial, uint8_t value)
{
	bool toggled = (serial->fcr ^ value) & UART_FCR_ENABLE_FIFO;

	if (toggled || value & UART_FCR_CLEAR_RCVR)
		serial->count = 0;
	/* The other bits are taken only together with the enable bit. */
	serial->fcr = value & UART_FCR_ENABLE_FIFO ? value & (0xc0 | UART_FCR_ENABLE_FIFO) : 0;
	tell_room(serial);
}

static void write_ier(struct vmm_serial *serial, uint8_t value)
{
	/* Switching it on while the transmitter is empty raises it. */
	if (value & UART_IER_THRI && !(serial->ier & UART_IER_THRI))
		serial->thre = transmitter_empty(serial);
	serial->ier = value & 0x0f;
}

static uint8_t read_iir(struct vmm_serial *serial)
{
	uint8_t iir = pending(serial);

	if (iir == UART_IIR_THRI)
		serial->thre = false;
	if (serial->fcr & UART_FCR_ENABLE_FIFO)
		iir |= 0xc0;
	return iir;
}

static uint8_t read_lsr(struct vmm_serial *serial)
{
	uint8_t lsr = serial->lsr;

	if (transmitter_empty(serial))
		lsr |= UART_LSR_THRE | UART_LSR_TEMT;
	if (serial->count)
		lsr |= UART_LSR_DR;
	serial->lsr = 0; /* the error bits, by being read */
	return lsr;
}

static uint8_t read_register(struct vmm_serial *serial, uint16_t offset)
{
	bool latch = serial->lcr & UART_LCR_DLAB;
	uint8_t byte;

	switch (offset) {
	case UART_RX:
		if (latch)
			return (uint8_t)serial->divisor;
		byte = get(serial);
		tell_room(serial);
		return byte;
	case UART_IER:
		return latch ? serial->divisor >> 8 : serial->ier;
	case UART_IIR:
		return read_iir(serial);
	case UART_LCR:
		return serial->lcr;
	case UART_MCR:
		return serial->mcr;
	case UART_LSR:
		return read_lsr(serial);
	case UART_MSR:
		return modem_status(serial);
	default:
		return serial->scratch;
	}
}

static void write_register(struct vmm_serial *serial, uint16_t offset, uint8_t value)
{
	bool latch = serial->lcr & UART_LCR_DLAB;

	switch (offset) {
	case UART_TX:
		if (latch)
			serial->divisor = (serial->divisor & 0xff00) | value;
		else
			transmit(serial, value);
		break;
	case UART_IER:
		if (latch)
			serial->divisor = (uint16_t)(value << 8) | (serial->divisor & 0xff);
		else
			write_ier(serial, value);
		break;
	case UART_FCR:
		write_fcr(serial, value);
		break;
	case UART_LCR:
		serial->lcr = value;
		break;
	case UART_MCR:
		serial->mcr = value & 0x1f;
		tell_room(serial);
		break;
	case UART_SCR:
		serial->scratch = value;
		break;
	default: /* line and modem status are read-only */
		break;
	}
}

static uint32_t serial_read(void *device, uint16_t offset, unsigned int width)
{
	struct vmm_serial *serial = device;
	uint8_t value;

	pthread_mutex_lock(&serial->lock);
	value = read_register(serial, offset);
	update_line(serial);
	pthread_mutex_unlock(&serial->lock);
	return value;
}

static void serial_write(void *device, uint16_t offset, unsigned int width, uint32_t value)
{
	struct vmm_serial *serial = device;

	pthread_mutex_lock(&serial->lock);
	write_register(serial, offset, (uint8_t)value);
	update_line(serial);
	pthread_mutex_unlock(&serial->lock);
}

const struct vmm_port_ops vmm_serial_port_ops = {
	.width = 1,
	.read = serial_read,
	.write = serial_write,
};
