/* SPDX-License-Identifier: MIT */
/* Registers of the 82574 in BAR 0, 32 bits wide (datasheet section 10.2), and their bits. */
#ifndef ULDF_SRC_MODEL_E1000E_REGISTERS_H
#define ULDF_SRC_MODEL_E1000E_REGISTERS_H

#define REGISTERS 0x20000 /* bytes of BAR 0 */
#define PORTS_BAR 2	  /* with IOADDR and IODATA */
#define MSIX_BAR  3

enum {
	REG_CTRL = 0x0000,
	REG_STATUS = 0x0008,
	REG_EECD = 0x0010,
	REG_EERD = 0x0014,
	REG_CTRL_EXT = 0x0018,
	REG_MDIC = 0x0020,
	REG_FCAL = 0x0028,
	REG_FCT = 0x0030,
	REG_VET = 0x0038,
	REG_ICR = 0x00c0,
	REG_ITR = 0x00c4,
	REG_ICS = 0x00c8,
	REG_IMS = 0x00d0,
	REG_IMC = 0x00d8,
	REG_EIAC = 0x00dc,
	REG_IAM = 0x00e0,
	REG_IVAR = 0x00e4,
	REG_EITR = 0x00e8, /* 5 of them */
	REG_RCTL = 0x0100,
	REG_FCTTV = 0x0170,
	REG_TCTL = 0x0400,
	REG_TIPG = 0x0410,
	REG_LEDCTL = 0x0e00,
	REG_EXTCNF_CTRL = 0x0f00,
	REG_PHY_CTRL = 0x0f10,
	REG_PBA = 0x1000,
	REG_EEMNGCTL = 0x1010,
	REG_EEWR = 0x102c,
	REG_FCRTL = 0x2160,
	REG_FCRTH = 0x2168,
	REG_PSRCTL = 0x2170,
	REG_RDBAL = 0x2800,
	REG_RDBAH = 0x2804,
	REG_RDLEN = 0x2808,
	REG_RDH = 0x2810,
	REG_RDT = 0x2818,
	REG_RDTR = 0x2820,
	REG_RXDCTL = 0x2828,
	REG_RADV = 0x282c,
	REG_TDBAL = 0x3800,
	REG_TDBAH = 0x3804,
	REG_TDLEN = 0x3808,
	REG_TDH = 0x3810,
	REG_TDT = 0x3818,
	REG_TIDV = 0x3820,
	REG_TXDCTL = 0x3828,
	REG_TADV = 0x382c,
	REG_TARC = 0x3840,
	REG_RXCSUM = 0x5000,
	REG_RFCTL = 0x5008,
	REG_MTA = 0x5200, /* 128 of them */
	REG_RAL = 0x5400, /* 16 pairs */
	REG_RAH = 0x5404,
	REG_VFTA = 0x5600, /* 128 of them */
	REG_WUC = 0x5800,
	REG_WUFC = 0x5808,
	REG_MRQC = 0x5818,
	REG_MANC = 0x5820,
	REG_GCR = 0x5b00,
	REG_SWSM = 0x5b50,
	REG_GCR2 = 0x5b64,
	REG_RETA = 0x5c00,  /* 32 of them */
	REG_RSSRK = 0x5c80, /* 10 of them */
};

/* Counters: reading clears them. */
enum {
	STATISTICS = 0x4000, /* where they begin */
	STAT_CRCERRS = 0x4000,
	STAT_MPC = 0x4010,
	STAT_PRC64 = 0x405c, /* 6 by length */
	STAT_GPRC = 0x4074,
	STAT_BPRC = 0x4078,
	STAT_MPRC = 0x407c,
	STAT_GPTC = 0x4080,
	STAT_GORC = 0x4088, /* pairs: the low half first, the high half clears both */
	STAT_GOTC = 0x4090,
	STAT_RNBC = 0x40a0,
	STAT_RUC = 0x40a4,
	STAT_ROC = 0x40ac,
	STAT_TOR = 0x40c0,
	STAT_TOT = 0x40c8,
	STAT_TPR = 0x40d0,
	STAT_TPT = 0x40d4,
	STAT_PTC64 = 0x40d8, /* 6 by length */
	STAT_MPTC = 0x40f0,
	STAT_BPTC = 0x40f4,
	STAT_TSCTC = 0x40f8,
	STAT_TSCTFC = 0x40fc,
	STAT_IAC = 0x4100,
	STATISTICS_END = 0x4128,
};

#define CTRL_FD		     (1u << 0)
#define CTRL_MASTER_DISABLE  (1u << 2)
#define CTRL_SLU	     (1u << 6)
#define CTRL_SPEED_1000	     (2u << 8)
#define CTRL_RST	     (1u << 26)
#define CTRL_VME	     (1u << 30)
#define CTRL_PHY_RST	     (1u << 31)
#define STATUS_FD	     (1u << 0)
#define STATUS_LU	     (1u << 1)
#define STATUS_SPEED_1000    (2u << 6)
#define STATUS_LAN_INIT_DONE (1u << 9)
#define STATUS_PHYRA	     (1u << 10)
#define STATUS_MASTER	     (1u << 19)

#define EECD_REQ     (1u << 6)
#define EECD_GNT     (1u << 7)
#define EECD_PRES    (1u << 8)
#define EECD_AUTO_RD (1u << 9)
#define EECD_SPI     (1u << 15) /* NVADDS: an EEPROM */
#define EERD_START   (1u << 0)
#define EERD_DONE    (1u << 1)

#define CTRL_EXT_EIAME	 (1u << 24)
#define CTRL_EXT_IAME	 (1u << 27)
#define CTRL_EXT_PBA_CLR (1u << 31)

#define MDIC_WRITE (1u << 26)
#define MDIC_READ  (2u << 26)
#define MDIC_OP	   (3u << 26)
#define MDIC_READY (1u << 28)
#define MDIC_INT   (1u << 29)
#define MDIC_ERROR (1u << 30)

#define CAUSE_TXDW     (1u << 0)
#define CAUSE_TXQE     (1u << 1)
#define CAUSE_LSC      (1u << 2)
#define CAUSE_RXDMT0   (1u << 4)
#define CAUSE_RXO      (1u << 6)
#define CAUSE_RXT0     (1u << 7)
#define CAUSE_MDAC     (1u << 9)
#define CAUSE_RXQ0     (1u << 20)
#define CAUSE_TXQ0     (1u << 22)
#define CAUSE_OTHER    (1u << 24)
#define CAUSE_ASSERTED (1u << 31)
#define CAUSE_ALL      0x01f7ffffu /* those that software sets and masks */
#define CAUSE_MSIX     0x01f00000u /* those with an entry in IVAR */
#define CAUSE_OTHERS   (CAUSE_LSC | CAUSE_RXO | CAUSE_MDAC | 7u << 16)

#define RCTL_EN	       (1u << 1)
#define RCTL_SBP       (1u << 2)
#define RCTL_UPE       (1u << 3)
#define RCTL_MPE       (1u << 4)
#define RCTL_LPE       (1u << 5)
#define RCTL_DTYP      (3u << 10)
#define RCTL_BAM       (1u << 15)
#define RCTL_VFE       (1u << 18)
#define RCTL_CFIEN     (1u << 19)
#define RCTL_CFI       (1u << 20)
#define RCTL_BSEX      (1u << 25)
#define RCTL_SECRC     (1u << 26)
#define RCTL_RDMTS(x)  ((x) >> 8 & 3)
#define RCTL_MO(x)     ((x) >> 12 & 3)
#define RCTL_BSIZE(x)  ((x) >> 16 & 3)
#define RCTL_FLXBUF(x) ((x) >> 27 & 15)
#define RXCSUM_IPOFL   (1u << 8)
#define RXCSUM_TUOFL   (1u << 9)
#define RXCSUM_PCSD    (1u << 13)
#define RFCTL_EXSTEN   (1u << 15)
#define TCTL_EN	       (1u << 1)
#define TCTL_PSP       (1u << 3)
#define RAH_VALID      (1u << 31)
#define SWSM_SMBI      (1u << 0)
#define EEMNGCTL_DONE  (1u << 18)

#endif
