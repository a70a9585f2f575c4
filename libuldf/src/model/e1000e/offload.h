/* SPDX-License-Identifier: MIT */
/* Checksums and TCP segmentation of frames that are sent (section 7.3). Pure: a driver may ask for nonsense. */
#ifndef ULDF_SRC_MODEL_E1000E_OFFLOAD_H
#define ULDF_SRC_MODEL_E1000E_OFFLOAD_H

#include "model/e1000e/e1000e.h"

/**
 * offload_is_cuttable() - can this be cut into segments?
 * @offload: what the driver asks for
 * @size: bytes of the frame to cut
 */
bool offload_is_cuttable(const struct e1000e_offload *offload, size_t size);

/**
 * offload_segment() - make the next segment of a frame that is cuttable
 * @offload: what the driver asks for
 * @data: the frame to cut
 * @size: bytes of it
 * @sent: bytes of payload in the segments before
 * @frame: where the segment goes, WIRE_FRAME bytes; the checksums are in it
 *
 * Return: bytes of the segment, of which some are payload.
 */
size_t offload_segment(const struct e1000e_offload *offload, const uint8_t *data, size_t size,
		       size_t sent, uint8_t *frame);

/**
 * offload_checksums() - insert the checksums that the driver asks for
 * @offload: what the driver asks for; an offset beyond the frame does nothing
 * @frame: frame
 * @size: bytes of it
 */
void offload_checksums(const struct e1000e_offload *offload, uint8_t *frame, size_t size);

#endif
