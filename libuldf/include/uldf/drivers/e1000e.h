/* SPDX-License-Identifier: MIT */
#ifndef ULDF_DRIVERS_E1000E_H
#define ULDF_DRIVERS_E1000E_H

#include <uldf.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * DOC: struct uldf_e1000e - a network card of the Intel 82574 family, driven from this process
 *
 * Opaque. One thread at a time. Frames are Ethernet II without the checksum (FCS), which the card
 * adds and takes off.
 */
struct uldf_e1000e;

/** ULDF_E1000E_FRAME_MAX - bytes of the longest frame after uldf_e1000e_open(): 1500 of payload, a VLAN tag */
#define ULDF_E1000E_FRAME_MAX 1518

/** ULDF_E1000E_JUMBO_MAX - bytes of the longest frame that uldf_e1000e_set_frame_max() allows: 9212 of payload */
#define ULDF_E1000E_JUMBO_MAX 9230

/** ULDF_E1000E_SEGMENTED_MAX - bytes of the longest frame that the card cuts into segments */
#define ULDF_E1000E_SEGMENTED_MAX 65568

/** ULDF_E1000E_COST_MAX - descriptors that a frame takes at most: uldf_e1000e_cost() */
#define ULDF_E1000E_COST_MAX 19

/** enum - what happened, and what to be told of */
enum {
	ULDF_E1000E_RECEIVED = 1 << 0, /* frames are there, or were lost for want of room */
	ULDF_E1000E_SENT = 1 << 1,     /* frames have left: there is room again */
	ULDF_E1000E_LINK = 1 << 2,     /* the link came or went */
};

/**
 * struct uldf_e1000e_options - how to drive a card
 * @polled: enable no interrupt: the caller looks for itself
 * @intx: use INTx although the card has MSI
 * @promiscuous: receive what is addressed to others, too
 */
struct uldf_e1000e_options {
	bool polled;
	bool intx;
	bool promiscuous;
};

/**
 * struct uldf_e1000e_link - the state of the link
 * @up: there is one
 * @full_duplex: both sides may send at once
 * @speed: Mb/s
 */
struct uldf_e1000e_link {
	bool up;
	bool full_duplex;
	unsigned int speed;
};

/**
 * struct uldf_e1000e_frame - a frame to send
 * @bus: where the card finds it: in an uldf_buffer, or a mapping of one segment
 * @length: bytes, 14 up to %ULDF_E1000E_FRAME_MAX or what uldf_e1000e_set_frame_max() allows; the card pads
 *          short frames. With @segment up to %ULDF_E1000E_SEGMENTED_MAX
 * @checksum_start: offset of the header of TCP or UDP, whose checksum the card inserts; 0: it inserts none. In
 *                  place of the checksum the frame has the sum of the pseudo header, with @segment without
 *                  its length
 * @checksum_at: offset of that checksum
 * @udp: the checksum is that of UDP
 * @segment: bytes of TCP payload in each frame that the card makes of this one; 0: it sends the frame as it is
 * @header: with @segment: bytes of all headers; 4 more and these are in one page of 4096 bytes
 * @ip_start: with @segment: offset of the header of IP, in which length and checksum are 0
 * @ip_version: with @segment: 4 or 6
 */
struct uldf_e1000e_frame {
	uint64_t bus;
	uint32_t length;
	uint8_t checksum_start;
	uint8_t checksum_at;
	bool udp;
	uint8_t header;
	uint16_t segment;
	uint8_t ip_start;
	uint8_t ip_version;
};

/**
 * struct uldf_e1000e_stats - what the card counted since it was opened
 * @received: good frames
 * @received_bytes: bytes in them, with FCS
 * @sent: frames
 * @sent_bytes: bytes in them, with FCS
 * @missed: frames lost because the card had no room
 * @errors: frames that came damaged, or longer than uldf_e1000e_set_frame_max() allows
 */
struct uldf_e1000e_stats {
	uint64_t received;
	uint64_t received_bytes;
	uint64_t sent;
	uint64_t sent_bytes;
	uint64_t missed;
	uint64_t errors;
};

/**
 * uldf_e1000e_open() - reset a card and start it
 * @device: device, without vectors enabled; must outlive the card
 * @space: space that it is attached to; must outlive the card
 * @options: how, or NULL for MSI where there is one
 * @out: the card, closed with uldf_e1000e_close(); untouched on failure
 *
 * Switches bus mastering on. Interrupts stay masked until uldf_e1000e_arm(). (82574 datasheet,
 * section 4.6)
 *
 * Return: 0, -ENOTSUP no card of this family, -ETIMEDOUT its reset did not end, -EMFILE, and as
 * uldf_buffer_create(), uldf_region_write(), uldf_irq_enable().
 */
int uldf_e1000e_open(struct uldf_device *device, struct uldf_space *space,
		     const struct uldf_e1000e_options *options, struct uldf_e1000e **out);

/**
 * uldf_e1000e_close() - stop a card and reset it
 * @nic: card, or NULL; its device may be gone
 *
 * Bus mastering is off afterwards, and no frame is touched any more.
 */
void uldf_e1000e_close(struct uldf_e1000e *nic);

/**
 * uldf_e1000e_mac() - the card's address
 * @nic: card
 *
 * Return: 6 bytes, owned by the card: its own address, or the last one of uldf_e1000e_set_mac().
 */
const uint8_t *uldf_e1000e_mac(const struct uldf_e1000e *nic);

/**
 * uldf_e1000e_set_mac() - replace the address that the card receives at
 * @nic: card
 * @mac: 6 bytes
 *
 * The card loses the address when it is closed. (82574 datasheet, RAL and RAH)
 *
 * Return: 0, -EINVAL a group address or all zeros, -ENODEV gone, -EIO.
 */
int uldf_e1000e_set_mac(struct uldf_e1000e *nic, const uint8_t mac[6]);

/**
 * uldf_e1000e_set_promiscuous() - receive frames for other addresses too, or stop that
 * @nic: card
 * @on: whether to
 *
 * The card always receives the frames of all groups.
 *
 * Return: 0, -ENODEV gone, -EIO.
 */
int uldf_e1000e_set_promiscuous(struct uldf_e1000e *nic, bool on);

/**
 * uldf_e1000e_set_frame_max() - set the length of the longest frame
 * @nic: card
 * @bytes: limit for both directions; less than %ULDF_E1000E_FRAME_MAX counts as that
 *
 * Above %ULDF_E1000E_FRAME_MAX the card receives long packets (82574 datasheet, RCTL.LPE).
 *
 * Return: 0, -ERANGE more than %ULDF_E1000E_JUMBO_MAX, -ENOMEM, -ENODEV gone, -EIO.
 */
int uldf_e1000e_set_frame_max(struct uldf_e1000e *nic, uint32_t bytes);

/**
 * uldf_e1000e_restart() - reset a card that hangs, and start it with the same settings
 * @nic: card
 * @lost: out: frames that the card had not sent; uldf_e1000e_sent() never counts them; untouched on failure
 *
 * Takes some milliseconds; 0.3 s when the reset does not end. Drops frames that the caller has not received.
 * Interrupts stay masked until uldf_e1000e_arm(). After a failure the caller can only call uldf_e1000e_close().
 *
 * Return: 0, -ETIMEDOUT its reset did not end, -ENODEV gone, -EIO.
 */
int uldf_e1000e_restart(struct uldf_e1000e *nic, size_t *lost);

/**
 * uldf_e1000e_link() - whether there is a link, and how fast it is
 * @nic: card
 * @out: the answer; untouched on failure
 *
 * Return: 0, -ENODEV gone, -EIO.
 */
int uldf_e1000e_link(struct uldf_e1000e *nic, struct uldf_e1000e_link *out);

/**
 * uldf_e1000e_send() - hand frames to the card
 * @nic: card
 * @list: frames; each stays as it is until it was counted by uldf_e1000e_sent()
 * @count: how many
 * @done: out: how many were taken, the first of them, also on failure; less than @count when the ring is full
 *
 * One register write for all of them.
 *
 * Return: 0, -EINVAL a length or an offset that the card cannot do (none is taken), -ENODEV gone, -EIO.
 */
int uldf_e1000e_send(struct uldf_e1000e *nic, const struct uldf_e1000e_frame *list, size_t count,
		     size_t *done);

/**
 * uldf_e1000e_room() - count the descriptors of the send ring that are free
 * @nic: card
 *
 * Return: descriptors; uldf_e1000e_sent() frees those of frames that the card is done with.
 */
unsigned int uldf_e1000e_room(const struct uldf_e1000e *nic);

/**
 * uldf_e1000e_cost() - count the descriptors that a frame takes
 * @frame: frame
 *
 * Return: 1 for each page of 4096 bytes that the frame is in, 1 more with @checksum_start; up to
 * %ULDF_E1000E_COST_MAX.
 */
unsigned int uldf_e1000e_cost(const struct uldf_e1000e_frame *frame);

/**
 * uldf_e1000e_sent() - how many frames the card is done with
 * @nic: card
 *
 * Return: frames since the last call, in the order they were sent. No register is read.
 */
size_t uldf_e1000e_sent(struct uldf_e1000e *nic);

/**
 * typedef uldf_e1000e_receive_fn - takes a frame that came
 * @frame: its bytes, which are the card's again when the function returns
 * @length: bytes
 * @checked: the card found the checksum of TCP or UDP right; otherwise it did not look, or found it wrong
 * @arg: as given to uldf_e1000e_receive()
 */
typedef void uldf_e1000e_receive_fn(const void *frame, size_t length, bool checked, void *arg);

/**
 * uldf_e1000e_receive() - take frames from the card
 * @nic: card
 * @most: limit of buffers to take; a buffer holds 2048 bytes, and a longer frame fills several
 * @fn: called for each frame
 * @arg: its argument
 * @done: out: buffers taken, of good frames or not, also on failure
 *
 * One register write gives the room of all of them back.
 *
 * Return: 0, -ENODEV gone, -EIO.
 */
int uldf_e1000e_receive(struct uldf_e1000e *nic, size_t most, uldf_e1000e_receive_fn *fn, void *arg,
			size_t *done);

/**
 * uldf_e1000e_fd() - what becomes readable when something happened
 * @nic: card
 *
 * Return: an eventfd, owned by the card; -1 when it is polled.
 */
int uldf_e1000e_fd(const struct uldf_e1000e *nic);

/**
 * uldf_e1000e_events() - what happened; interrupts stay masked until uldf_e1000e_arm()
 * @nic: card
 * @events: out: ULDF_E1000E_* bits; untouched on failure
 *
 * Return: 0, -ENODEV gone, -EIO.
 */
int uldf_e1000e_events(struct uldf_e1000e *nic, unsigned int *events);

/**
 * uldf_e1000e_arm() - have the next interrupt delivered
 * @nic: card
 * @events: ULDF_E1000E_* bits to be told of; what happened since uldf_e1000e_events() counts
 *
 * Return: 0, -EINVAL it is polled, -ENODEV gone, -EIO.
 */
int uldf_e1000e_arm(struct uldf_e1000e *nic, unsigned int events);

/**
 * uldf_e1000e_stats() - read what the card counted
 * @nic: card
 * @out: the sums; untouched on failure
 *
 * Return: 0, -ENODEV gone, -EIO.
 */
int uldf_e1000e_stats(struct uldf_e1000e *nic, struct uldf_e1000e_stats *out);

#ifdef __cplusplus
}
#endif

#endif
