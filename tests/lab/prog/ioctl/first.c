// SPDX-License-Identifier: MIT
/*
 * What the first holder of a device finds: the host leaves something in the device, as a driver or the
 * firmware may, and the claim resets the device, or stops it, and tells how. For each device of the
 * table one state to leave, and what must be gone.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"

struct model {
	const char *name;
	uint32_t id, class; /* 0: any */
	bool resets;	    /* PCI has a reset for it, else @wanted is how it is stopped */
	uint32_t wanted;
	void (*leave)(const struct address *device);
	void (*judge)(int fd);
};

static uint32_t host_class(const struct address *device)
{
	return host_read(device, 8, 4) >> 8;
}

static uint32_t host_id(const struct address *device)
{
	return host_read(device, 0, 4);
}

static uint32_t reg(int fd, unsigned int region, uint64_t offset, unsigned int width)
{
	uint64_t value = 0;

	need(!region_read(fd, region, offset, width, &value), "read a register");
	return value;
}

/* ---- NVMe: NVM Express base specification 1.4 section 3.1 ---------------------------------------- */

#define NVME_CC	     0x14
#define NVME_CSTS    0x1c
#define NVME_AQA     0x24
#define NVME_ASQ     0x28
#define NVME_ACQ     0x30
#define NVME_ENABLED 0x460001 /* queue entries of 64 and 16 bytes, enable */
#define NVME_READY   1

static void nvme_leave(const struct address *device)
{
	size_t size;
	volatile uint32_t *at = host_memory(device, 0, &size);

	/* the firmware may have enabled it */
	at[NVME_CC / 4] = 0;
	for (int i = 0; i < PATIENCE && at[NVME_CSTS / 4] & NVME_READY; i++)
		usleep(1000);
	at[NVME_AQA / 4] = 0x10001;
	at[NVME_ASQ / 4] = 0x100000;
	at[NVME_ASQ / 4 + 1] = 0;
	at[NVME_ACQ / 4] = 0x101000;
	at[NVME_ACQ / 4 + 1] = 0;
	at[NVME_CC / 4] = NVME_ENABLED;
	for (int i = 0; i < PATIENCE && !(at[NVME_CSTS / 4] & NVME_READY); i++)
		usleep(1000);
	need(at[NVME_CC / 4] == NVME_ENABLED && at[NVME_CSTS / 4] & NVME_READY,
	     "the host enables the controller");
	munmap((void *)at, size);
}

static void nvme_judge(int fd)
{
	check_equal(0, reg(fd, 0, NVME_CC, 4) & 1, "CC.EN");
	check_equal(0, reg(fd, 0, NVME_CSTS, 4) & NVME_READY, "CSTS.RDY");
}

/* ---- 82574: datasheet section 10.2 ---------------------------------------------------------------- */

#define E1000E_IMS   0xd0
#define E1000E_RCTL  0x100
#define E1000E_RDBAL 0x2800
#define RCTL_ALL     0x801a /* enabled, unicast and multicast promiscuous, broadcast */
#define IMS_RECEIVED 0x80
#define RING_AT	     0x100000

static void e1000e_leave(const struct address *device)
{
	size_t size;
	volatile uint32_t *at = host_memory(device, 0, &size);

	at[E1000E_RDBAL / 4] = RING_AT;
	at[E1000E_IMS / 4] = IMS_RECEIVED;
	at[E1000E_RCTL / 4] = RCTL_ALL;
	need(at[E1000E_RCTL / 4] == RCTL_ALL && at[E1000E_RDBAL / 4] == RING_AT,
	     "the host switches the receiver on");
	munmap((void *)at, size);
}

static void e1000e_judge(int fd)
{
	check_equal(0, reg(fd, 0, E1000E_RCTL, 4) & 2, "RCTL.EN");
	check_equal(0, reg(fd, 0, E1000E_RDBAL, 4), "the address of the receive ring");
	check_equal(0, reg(fd, 0, E1000E_IMS, 4), "the interrupt mask");
}

/* ---- IDE: ATA/ATAPI-7 volume 2, and Programming Interface for Bus Master IDE 1.0 ------------------- */

#define IDE_COMMAND	7 /* of BAR 0 */
#define IDE_CONTROL	0 /* of BAR 1 in compatibility mode */
#define IDE_DRIVE	6
#define IDE_IDENTIFY	0xec
#define IDE_BUSY_OR_DRQ 0x88
#define IDE_DRQ		0x08
#define IDE_NIEN	0x02
#define BMIDE_START	0x01
#define BMIDE_TO_MEMORY 0x08

static uint8_t port_read(int fd, unsigned int at)
{
	uint8_t value = 0;

	need(pread(fd, &value, 1, at) == 1, "read a port");
	return value;
}

static void port_write(int fd, unsigned int at, uint8_t value)
{
	need(pwrite(fd, &value, 1, at) == 1, "write a port");
}

/* The drive waits for somebody to fetch its data, the bus master for a command to move any. */
static void ide_leave(const struct address *device)
{
	int task = host_ports(device, 0), control = host_ports(device, 1);
	int master = host_ports(device, 4);

	port_write(control, IDE_CONTROL, IDE_NIEN);
	port_write(task, IDE_DRIVE, 0xa0);
	port_write(task, IDE_COMMAND, IDE_IDENTIFY);
	for (int i = 0; i < PATIENCE && !(port_read(control, IDE_CONTROL) & IDE_DRQ); i++)
		usleep(1000);
	need(port_read(control, IDE_CONTROL) & IDE_DRQ, "the host has the drive wait");
	port_write(master, 0, BMIDE_START | BMIDE_TO_MEMORY);
	need(port_read(master, 0) & BMIDE_START, "the host starts the bus master");
	close(task);
	close(control);
	close(master);
}

static void ide_judge(int fd)
{
	check_equal(0, reg(fd, 4, 0, 1) & BMIDE_START, "START of the bus master");
	check_equal(0, reg(fd, 1, IDE_CONTROL, 1) & IDE_BUSY_OR_DRQ, "the drive's BSY and DRQ");
}

/* ---- Am53C974: data sheet, SCSI and PCI DMA registers ------------------------------------------------ */

#define SCSI_COMMAND	 0x0c
#define SCSI_STATUS	 0x10 /* written: destination */
#define SCSI_INTERRUPT	 0x14
#define SCSI_CONTROL_TWO 0x2c
#define SCSI_FEATURES	 0x08
#define SCSI_PENDING	 0x80
#define SCSI_SELECT	 0x41
#define SCSI_BUS_RESET	 0x03
#define SCSI_DMA_COMMAND 0x40
#define SCSI_DMA_START	 3
#define STATUS_INTERRUPT 0x08 /* of configuration space */
#define CONFIG_STATUS	 6

/* As a BIOS does that looks for disks, and does not take the last interrupt. */
static void scsi_leave(const struct address *device)
{
	int ports = host_ports(device, 0);

	port_write(ports, SCSI_CONTROL_TWO, SCSI_FEATURES);
	port_write(ports, SCSI_DMA_COMMAND, SCSI_DMA_START);
	port_write(ports, SCSI_STATUS, 3);
	port_write(ports, SCSI_COMMAND, SCSI_SELECT);
	usleep(1000);
	port_write(ports, SCSI_COMMAND, SCSI_BUS_RESET);
	for (int i = 0; i < PATIENCE && !(port_read(ports, SCSI_STATUS) & SCSI_PENDING); i++)
		usleep(1000);
	need(port_read(ports, SCSI_STATUS) & SCSI_PENDING, "the host leaves an interrupt pending");
	need(port_read(ports, SCSI_CONTROL_TWO) == SCSI_FEATURES, "and a control register set");
	close(ports);
	/* other devices of the host may share the line */
	host_write(device, COMMAND, 2, host_read(device, COMMAND, 2) | COMMAND_INTX_DISABLE);
}

static void scsi_judge(int fd)
{
	check_equal(0, reg(fd, 0, SCSI_STATUS, 1) & SCSI_PENDING, "the interrupt in the status");
	check_equal(0, config_read(fd, CONFIG_STATUS, 2) & STATUS_INTERRUPT,
		    "and in configuration space");
	check_equal(0, reg(fd, 0, SCSI_INTERRUPT, 1), "the interrupt register");
	check_equal(0, reg(fd, 0, SCSI_CONTROL_TWO, 1), "the control register that a reset clears");
	check_equal(0, reg(fd, 0, SCSI_DMA_COMMAND, 1) & SCSI_DMA_START, "the DMA command");
}

/* ---- edu, which nothing resets or stops -------------------------------------------------------------- */

static void edu_leave(const struct address *device)
{
	size_t size;
	volatile uint32_t *at = host_memory(device, 0, &size);

	at[EDU_LIVENESS / 4] = 1;
	munmap((void *)at, size);
}

static void edu_judge(int fd)
{
	check_equal(EDU_IDENT_VALUE, reg(fd, 0, EDU_IDENT, 4), "the identification");
}

/* ---- claims -------------------------------------------------------------------------------------------- */

static const struct model models[] = {
	{"NVMe", 0, 0x010802, true, 0, nvme_leave, nvme_judge},
	{"82574", 0x10d38086, 0, true, 0, e1000e_leave, e1000e_judge},
	{"IDE", 0, 0x010180, false, ULDF_RESET_QUIESCED, ide_leave, ide_judge},
	{"Am53C974", 0x20201022, 0, false, ULDF_RESET_QUIESCED, scsi_leave, scsi_judge},
	{"edu", 0x11e81234, 0, false, ULDF_RESET_NONE, edu_leave, edu_judge},
};

static const struct model *model_of(const struct address *device)
{
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if ((!models[i].id || models[i].id == host_id(device)) &&
		    (!models[i].class || models[i].class == host_class(device)))
			return &models[i];
	need(false, "a device of the table");
	return NULL;
}

static int first_open(const struct model *model, const struct address *device)
{
	int fd = device_open(device);

	need(fd >= 0, "open the device");
	model->judge(fd);
	check_equal(0, config_read(fd, COMMAND, 2) & COMMAND_MASTER, "bus mastering");
	check_equal(COMMAND_INTX_DISABLE, config_read(fd, COMMAND, 2) & COMMAND_INTX_DISABLE,
		    "INTx disable");
	return fd;
}

static void the_claim_stops_it(const struct model *model, const struct address *device,
			       uint32_t wanted)
{
	uint32_t reset, released = 0;

	model->leave(device);
	printf("# %s: after the host left it as it is, and a claim\n", model->name);
	check_equal(0, claim_reset(device, &reset), "claim");
	check_equal(wanted, reset, "the claim's answer: reset method");
	close(first_open(model, device));
	check_equal(0, release(device, 0, &released), "release");
	check_equal(wanted, released, "the release's answer: reset method");
}

/* Nobody asks for an answer there. */
static void so_does_a_bind(const struct model *model, const struct address *device)
{
	model->leave(device);
	printf("# %s: after the host left it as it is, and a bind by driver_override\n",
	       model->name);
	attribute_set(device, "driver_override", "uldf");
	driver_write("bind", device->text);
	close(first_open(model, device));
	check_equal(0, release(device, 0, NULL), "release");
	attribute_set(device, "driver_override", "\n");
}

/* A claim that is refused leaves the holder's work alone. */
static void a_second_claim_does_not(const struct address *device)
{
	int fd = device_take(device);
	uint32_t reset;

	need(!region_write(fd, 0, E1000E_RDBAL, 4, RING_AT), "write a register");
	check_equal(-EBUSY, claim_reset(device, &reset), "claim what is held");
	check_equal(RING_AT, reg(fd, 0, E1000E_RDBAL, 4), "its holder's register");
	close(fd);
	check_equal(0, release(device, 0, NULL), "release");
}

void suite_first(const struct address *device)
{
	const struct model *model = model_of(device);
	uint32_t wanted = model->resets ? reset_expected(device) : model->wanted;

	need(!model->resets || wanted >= ULDF_RESET_FUNCTION, "the model has a reset");
	/* as the firmware leaves it: it decodes, and masters the bus */
	host_write(device, COMMAND, 2, 7);
	the_claim_stops_it(model, device, wanted);
	host_write(device, COMMAND, 2, 7);
	so_does_a_bind(model, device);
	if (model->id == 0x10d38086)
		a_second_claim_does_not(device);
}
