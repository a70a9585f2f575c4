// SPDX-License-Identifier: MIT
#include "serial.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <linux/serial_reg.h>
#include <string.h>

static struct vmm_serial serial;
static bool level;
static unsigned int edges;
static unsigned int outputs;
static unsigned int rooms;

static void fake_line(void *host, unsigned int gsi, bool value)
{
	edges += value && !level;
	level = value;
}

static void fake_output(void *host)
{
	outputs++;
}

static void fake_room(void *host)
{
	rooms++;
}

static const struct vmm_serial_ops fake = {.output = fake_output, .room = fake_room};

static void setup(void)
{
	const struct vmm_irq_line line = {.set = fake_line, .gsi = 4};

	vmm_serial_init(&serial, &line, &fake, NULL);
}

static void teardown(void)
{
	vmm_serial_fini(&serial);
}

TestSuite(serial, .init = setup, .fini = teardown);

static uint8_t in(uint16_t offset)
{
	return (uint8_t)vmm_serial_port_ops.read(&serial, offset, 1);
}

static void out(uint16_t offset, uint8_t value)
{
	vmm_serial_port_ops.write(&serial, offset, 1, value);
}

static size_t receive(const char *text)
{
	return vmm_serial_receive(&serial, (const uint8_t *)text, strlen(text));
}

/* Return: how many bytes were there to be fetched. */
static size_t fetch_all(void)
{
	uint8_t bytes[1000];
	size_t total = 0, count;

	while ((count = vmm_serial_fetch(&serial, bytes, sizeof(bytes))))
		total += count;
	return total;
}

/* The guest sends until it finds the transmitter busy. */
static size_t send_all(void)
{
	size_t count = 0;

	while (in(UART_LSR)&UART_LSR_THRE) {
		for (int i = 0; i < VMM_SERIAL_FIFO; i++)
			out(UART_TX, 'a');
		count += VMM_SERIAL_FIFO;
		cr_assert(le(sz, count, VMM_SERIAL_LINE));
	}
	return count;
}

static void open_gate(uint8_t interrupts)
{
	out(UART_MCR, UART_MCR_OUT2);
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	out(UART_IER, interrupts);
}

Test(serial, bytes_written_are_sent)
{
	uint8_t bytes[8];

	out(UART_TX, 'h');
	out(UART_TX, 'i');
	cr_assert(eq(sz, vmm_serial_fetch(&serial, bytes, 1), 1));
	cr_assert(eq(sz, vmm_serial_fetch(&serial, bytes + 1, 7), 1));
	cr_assert(zero(int, memcmp(bytes, "hi", 2)));
	cr_assert(zero(sz, vmm_serial_fetch(&serial, bytes, 8)));
	cr_assert(eq(u8, in(UART_LSR), UART_LSR_THRE | UART_LSR_TEMT));
}

Test(serial, the_divisor_latch_hides_data_and_interrupts)
{
	out(UART_IER, 0x05);
	out(UART_LCR, UART_LCR_DLAB);
	out(UART_DLL, 0x34);
	out(UART_DLM, 0x12);
	cr_assert(zero(sz, fetch_all()));
	cr_assert(eq(u8, in(UART_DLL), 0x34));
	cr_assert(eq(u8, in(UART_DLM), 0x12));
	out(UART_LCR, UART_LCR_WLEN8);
	cr_assert(eq(u8, in(UART_IER), 0x05));
	cr_assert(eq(u16, serial.divisor, 0x1234));
}

Test(serial, a_driver_finds_a_16550a)
{
	/* As Linux does: the FIFO's bits appear with it, the upper bits of IER do not exist. */
	out(UART_FCR, 0);
	cr_assert(eq(u8, in(UART_IIR), UART_IIR_NO_INT));
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_NO_INT));
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR7_64BYTE);
	cr_assert(zero(u8, in(UART_IIR)&0x20));
	out(UART_IER, 0xff);
	cr_assert(eq(u8, in(UART_IER), 0x0f));
	out(UART_SCR, 0xa5);
	cr_assert(eq(u8, in(UART_SCR), 0xa5));
}

Test(serial, a_driver_finds_its_loop_back)
{
	out(UART_MCR, UART_MCR_LOOP | UART_MCR_OUT2 | UART_MCR_RTS);
	cr_assert(eq(u8, in(UART_MSR)&0xf0, UART_MSR_DCD | UART_MSR_CTS));
	out(UART_MCR, UART_MCR_LOOP | UART_MCR_OUT1 | UART_MCR_DTR);
	cr_assert(eq(u8, in(UART_MSR)&0xf0, UART_MSR_RI | UART_MSR_DSR));
	out(UART_TX, 'x');
	cr_assert(zero(sz, fetch_all()));
	cr_assert(eq(u8, in(UART_RX), 'x'));
}

Test(serial, without_loop_back_a_terminal_is_ready)
{
	cr_assert(eq(u8, in(UART_MSR), UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS));
}

Test(serial, bytes_received_wait_in_the_fifo)
{
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	cr_assert(eq(sz, receive("abc"), 3));
	cr_assert(eq(u8, in(UART_LSR)&UART_LSR_DR, UART_LSR_DR));
	cr_assert(eq(u8, in(UART_RX), 'a'));
	cr_assert(eq(u8, in(UART_RX), 'b'));
	cr_assert(eq(u8, in(UART_RX), 'c'));
	cr_assert(zero(u8, in(UART_LSR)&UART_LSR_DR));
	cr_assert(zero(u8, in(UART_RX)));
}

Test(serial, without_fifo_there_is_room_for_one)
{
	cr_assert(eq(sz, receive("ab"), 1));
	cr_assert(zero(uint, rooms));
	cr_assert(eq(u8, in(UART_RX), 'a'));
	cr_assert(eq(uint, rooms, 1));
	cr_assert(eq(sz, receive("b"), 1));
	cr_assert(eq(u8, in(UART_RX), 'b'));
	cr_assert(eq(uint, rooms, 1));
}

Test(serial, a_full_fifo_takes_no_more_and_tells_of_room)
{
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	cr_assert(eq(sz, receive("0123456789abcdefXYZ"), 16));
	cr_assert(eq(u8, in(UART_RX), '0'));
	cr_assert(eq(uint, rooms, 1));
	cr_assert(eq(sz, receive("XYZ"), 1));
	for (const char *byte = "123456789abcdefX"; *byte; byte++)
		cr_assert(eq(u8, in(UART_RX), *byte));
	cr_assert(eq(uint, rooms, 2));
}

Test(serial, clearing_the_fifo_drops_bytes_and_makes_room)
{
	out(UART_FCR, UART_FCR_ENABLE_FIFO);
	receive("0123456789abcdefX");
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR);
	cr_assert(zero(u8, in(UART_LSR)&UART_LSR_DR));
	cr_assert(eq(uint, rooms, 1));
}

Test(serial, nothing_arrives_in_loop_back)
{
	out(UART_MCR, UART_MCR_LOOP);
	cr_assert(zero(sz, receive("a")));
	out(UART_MCR, 0);
	cr_assert(eq(uint, rooms, 1));
	cr_assert(eq(sz, receive("a"), 1));
}

Test(serial, a_loop_back_without_room_is_an_overrun)
{
	out(UART_MCR, UART_MCR_LOOP);
	out(UART_TX, 'a');
	out(UART_TX, 'b');
	cr_assert(eq(u8, in(UART_LSR)&UART_LSR_OE, UART_LSR_OE));
	cr_assert(zero(u8, in(UART_LSR)&UART_LSR_OE));
	cr_assert(eq(u8, in(UART_RX), 'a'));
}

Test(serial, received_bytes_interrupt_until_they_are_read)
{
	open_gate(UART_IER_RDI);
	cr_assert(not(level));
	receive("ab");
	cr_assert(level);
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_RDI));
	in(UART_RX);
	cr_assert(level);
	in(UART_RX);
	cr_assert(not(level));
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_NO_INT));
}

Test(serial, bytes_below_the_trigger_time_out)
{
	open_gate(UART_IER_RDI);
	out(UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_8);
	receive("1234567");
	cr_assert(level);
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_RX_TIMEOUT));
	receive("8");
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_RDI));
}

Test(serial, an_empty_transmitter_interrupts_once_when_enabled)
{
	open_gate(UART_IER_THRI);
	cr_assert(level);
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_THRI));
	cr_assert(not(level));
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_NO_INT));
	out(UART_IER, UART_IER_THRI);
	cr_assert(not(level));
	out(UART_IER, 0);
	out(UART_IER, UART_IER_THRI);
	cr_assert(level);
}

Test(serial, each_byte_sent_interrupts_again)
{
	open_gate(UART_IER_THRI);
	in(UART_IIR);
	edges = 0;
	out(UART_TX, 'a');
	cr_assert(level);
	in(UART_IIR);
	out(UART_TX, 'b');
	cr_assert(eq(uint, edges, 2));
}

Test(serial, the_first_byte_after_a_fetch_is_told)
{
	out(UART_TX, 'a');
	out(UART_TX, 'b');
	cr_assert(eq(uint, outputs, 1));
	fetch_all();
	out(UART_TX, 'c');
	cr_assert(eq(uint, outputs, 2));
}

Test(serial, a_line_that_nobody_fetches_from_is_busy)
{
	uint8_t byte;

	cr_assert(eq(sz, send_all(), VMM_SERIAL_LINE));
	cr_assert(zero(u8, in(UART_LSR)));
	out(UART_TX, 'b');
	cr_assert(eq(sz, vmm_serial_fetch(&serial, &byte, 1), 1));
	cr_assert(eq(u8, byte, 'a'));
	cr_assert(zero(u8, in(UART_LSR)));
	cr_assert(eq(sz, fetch_all(), VMM_SERIAL_LINE - 1));
	cr_assert(eq(u8, in(UART_LSR), UART_LSR_THRE | UART_LSR_TEMT));
}

Test(serial, a_busy_transmitter_interrupts_when_it_is_empty_again)
{
	uint8_t bytes[VMM_SERIAL_FIFO];

	open_gate(0);
	send_all();
	out(UART_IER, UART_IER_THRI);
	cr_assert(not(level));
	vmm_serial_fetch(&serial, bytes, VMM_SERIAL_FIFO - 1);
	cr_assert(not(level));
	vmm_serial_fetch(&serial, bytes, 1);
	cr_assert(level);
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_THRI));
	vmm_serial_fetch(&serial, bytes, 1);
	cr_assert(not(level));
}

Test(serial, bytes_keep_their_order_all_round_the_line)
{
	uint8_t bytes[100], sent = 0, fetched = 0;

	for (size_t done = 0; done < 2 * VMM_SERIAL_LINE; done += sizeof(bytes)) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			out(UART_TX, sent++);
		cr_assert(eq(sz, vmm_serial_fetch(&serial, bytes, sizeof(bytes)), sizeof(bytes)));
		for (size_t i = 0; i < sizeof(bytes); i++)
			cr_assert(eq(u8, bytes[i], fetched++));
	}
}

Test(serial, loop_back_works_on_a_busy_line)
{
	send_all();
	out(UART_MCR, UART_MCR_LOOP);
	out(UART_TX, 'x');
	cr_assert(eq(u8, in(UART_RX), 'x'));
}

Test(serial, received_bytes_come_before_the_empty_transmitter)
{
	open_gate(UART_IER_THRI | UART_IER_RDI);
	receive("a");
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_RDI));
	in(UART_RX);
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_THRI));
}

Test(serial, an_overrun_interrupts_when_enabled)
{
	open_gate(UART_IER_RLSI);
	out(UART_MCR, UART_MCR_LOOP);
	for (int i = 0; i < VMM_SERIAL_FIFO + 1; i++)
		out(UART_TX, 'a');
	out(UART_MCR, UART_MCR_OUT2);
	cr_assert(level);
	cr_assert(eq(u8, in(UART_IIR), 0xc0 | UART_IIR_RLSI));
	in(UART_LSR);
	cr_assert(not(level));
}

Test(serial, a_closed_gate_keeps_interrupts_in)
{
	open_gate(UART_IER_RDI);
	out(UART_MCR, 0);
	receive("a");
	cr_assert(not(level));
	out(UART_MCR, UART_MCR_OUT2);
	cr_assert(level);
}

Test(serial, status_registers_are_read_only)
{
	uint8_t lsr = in(UART_LSR), msr = in(UART_MSR);

	out(UART_LSR, 0xff);
	out(UART_MSR, 0xff);
	cr_assert(eq(u8, in(UART_LSR), lsr));
	cr_assert(eq(u8, in(UART_MSR), msr));
}
