/* SPDX-License-Identifier: MIT */
/* Registers of the 82574, in BAR 0, 32 bits wide (datasheet section 10.2). */
#ifndef ULDF_DRIVERS_E1000E_REGISTERS_H
#define ULDF_DRIVERS_E1000E_REGISTERS_H

enum {
	E1000E_CTRL = 0x0000,
	E1000E_STATUS = 0x0008,
	E1000E_EECD = 0x0010,
	E1000E_CTRL_EXT = 0x0018,
	E1000E_ICR = 0x00c0, /* interrupt causes; reading clears them */
	E1000E_ITR = 0x00c4, /* least time between interrupts, 256 ns */
	E1000E_IMS = 0x00d0, /* mask: set, that is enable */
	E1000E_IMC = 0x00d8, /* mask: clear */
	E1000E_IAM = 0x00e0, /* what a read of ICR clears in the mask */
	E1000E_RCTL = 0x0100,
	E1000E_TCTL = 0x0400,
	E1000E_TIPG = 0x0410, /* gap between frames */
	E1000E_RDBAL = 0x2800,
	E1000E_RDBAH = 0x2804,
	E1000E_RDLEN = 0x2808,
	E1000E_RDH = 0x2810,
	E1000E_RDT = 0x2818,
	E1000E_RDTR = 0x2820,
	E1000E_TDBAL = 0x3800,
	E1000E_TDBAH = 0x3804,
	E1000E_TDLEN = 0x3808,
	E1000E_TDH = 0x3810,
	E1000E_TDT = 0x3818,
	E1000E_TXDCTL = 0x3828,
	E1000E_RXCSUM = 0x5000,
	E1000E_MTA = 0x5200, /* 128 of them */
	E1000E_RAL0 = 0x5400,
	E1000E_RAH0 = 0x5404,
};

/* Counters: reading clears them; of a pair the low half comes first. */
enum {
	E1000E_CRCERRS = 0x4000,
	E1000E_MPC = 0x4010,
	E1000E_GPRC = 0x4074,
	E1000E_GPTC = 0x4080,
	E1000E_GORCL = 0x4088,
	E1000E_GORCH = 0x408c,
	E1000E_GOTCL = 0x4090,
	E1000E_GOTCH = 0x4094,
};

enum {
	E1000E_CTRL_MASTER_DISABLE = 1 << 2,
	E1000E_CTRL_SLU = 1 << 6,
	E1000E_CTRL_RST = 1 << 26,
	E1000E_STATUS_FD = 1 << 0,
	E1000E_STATUS_LU = 1 << 1,
	E1000E_STATUS_SPEED = 3 << 6, /* 10, 100, 1000, 1000 Mb/s */
	E1000E_STATUS_MASTER = 1 << 19,
	E1000E_EECD_AUTO_RD = 1 << 9,	/* the NVM was read after reset */
	E1000E_CTRL_EXT_IAME = 1 << 27, /* reading ICR clears IAM's bits in the mask */
	E1000E_CTRL_EXT_LOADED = 1 << 28,
};

enum {
	E1000E_INT_TXDW = 1 << 0,
	E1000E_INT_LSC = 1 << 2,
	E1000E_INT_RXDMT0 = 1 << 4,
	E1000E_INT_RXO = 1 << 6,
	E1000E_INT_RXT0 = 1 << 7,
};

enum {
	E1000E_RCTL_EN = 1 << 1,
	E1000E_RCTL_UPE = 1 << 3,
	E1000E_RCTL_MPE = 1 << 4,
	E1000E_RCTL_LPE = 1 << 5, /* frames of more than 1522 bytes with FCS */
	E1000E_RCTL_BAM = 1 << 15,
	E1000E_RCTL_SECRC = 1 << 26,
	E1000E_RXCSUM_IPOFL = 1 << 8, /* verify checksums of IP */
	E1000E_RXCSUM_TUOFL = 1 << 9, /* verify checksums of TCP and UDP */
	E1000E_TCTL_EN = 1 << 1,
	E1000E_TCTL_PSP = 1 << 3,
	E1000E_TCTL_CT = 0xf << 4,     /* collision threshold as IEEE 802.3 wants it */
	E1000E_TCTL_COLD = 0x3f << 12, /* collision distance for full duplex */
	E1000E_TXDCTL_GRAN = 1 << 24,  /* thresholds count descriptors */
	E1000E_TXDCTL_ONE = 1 << 22,   /* reserved, to be set */
	E1000E_TIPG_VALUE = 0x00602008,
	E1000E_ITR_VALUE = 200, /* 51 us */
};

#endif
