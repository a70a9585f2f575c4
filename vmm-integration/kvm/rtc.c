// SPDX-License-Identifier: MIT
#include "rtc.h"

/* Registers (Motorola MC146818A data sheet, figure 9 and "Registers"). */
enum {
	SECONDS = 0,
	MINUTES = 2,
	HOURS = 4,
	WEEKDAY = 6,
	DAY = 7,
	MONTH = 8,
	YEAR = 9,
	REGISTER_A = 10,
	REGISTER_B = 11,
	REGISTER_C = 12,
	REGISTER_D = 13,
};

#define A_DIVIDER_32KHZ 0x26 /* a 32.768 kHz crystal, periodic rate of 1024 Hz */
#define A_UPDATING	0x80
#define B_24_HOURS	0x02
#define B_BINARY	0x04
#define D_VALID		0x80
#define PM		0x80

void vmm_rtc_init(struct vmm_rtc *rtc, time_t (*now)(void))
{
	*rtc = (struct vmm_rtc){.now = now};
	rtc->bytes[REGISTER_A] = A_DIVIDER_32KHZ;
	rtc->bytes[REGISTER_B] = B_24_HOURS;
	pthread_mutex_init(&rtc->lock, NULL);
}

void vmm_rtc_fini(struct vmm_rtc *rtc)
{
	pthread_mutex_destroy(&rtc->lock);
}

static uint8_t encode(const struct vmm_rtc *rtc, int value)
{
	if (rtc->bytes[REGISTER_B] & B_BINARY)
		return (uint8_t)value;
	return (uint8_t)(value / 10 << 4 | value % 10);
}

static uint8_t encode_hour(const struct vmm_rtc *rtc, int hour)
{
	if (rtc->bytes[REGISTER_B] & B_24_HOURS)
		return encode(rtc, hour);
	return encode(rtc, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? PM : 0);
}

static uint8_t read_byte(const struct vmm_rtc *rtc)
{
	time_t now = rtc->now();
	struct tm tm;

	gmtime_r(&now, &tm);
	switch (rtc->index) {
	case SECONDS:
		return encode(rtc, tm.tm_sec);
	case MINUTES:
		return encode(rtc, tm.tm_min);
	case HOURS:
		return encode_hour(rtc, tm.tm_hour);
	case WEEKDAY:
		return encode(rtc, tm.tm_wday + 1);
	case DAY:
		return encode(rtc, tm.tm_mday);
	case MONTH:
		return encode(rtc, tm.tm_mon + 1);
	case YEAR:
		return encode(rtc, tm.tm_year % 100);
	case VMM_RTC_CENTURY:
		return encode(rtc, 19 + tm.tm_year / 100);
	case REGISTER_A:
		/* Each byte is read at one instant, so that no update is ever seen going on. */
		return rtc->bytes[REGISTER_A] & ~A_UPDATING;
	case REGISTER_C:
		return 0; /* no interrupt is pending */
	case REGISTER_D:
		return D_VALID;
	default:
		return rtc->bytes[rtc->index];
	}
}

static uint32_t rtc_read(void *device, uint16_t offset, unsigned int width)
{
	struct vmm_rtc *rtc = device;
	uint8_t value;

	if (offset == 0)
		return 0xff; /* the index is write-only */
	pthread_mutex_lock(&rtc->lock);
	value = read_byte(rtc);
	pthread_mutex_unlock(&rtc->lock);
	return value;
}

/* What is written to the time is kept apart and never shown: the clock stays the host's. */
static void rtc_write(void *device, uint16_t offset, unsigned int width, uint32_t value)
{
	struct vmm_rtc *rtc = device;

	pthread_mutex_lock(&rtc->lock);
	if (offset == 0)
		rtc->index = value & (VMM_RTC_BYTES - 1); /* bit 7 masks NMIs on a PC */
	else
		rtc->bytes[rtc->index] = (uint8_t)value;
	pthread_mutex_unlock(&rtc->lock);
}

const struct vmm_port_ops vmm_rtc_port_ops = {
	.width = 1,
	.read = rtc_read,
	.write = rtc_write,
};
