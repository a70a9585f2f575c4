/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The card does what the host sets at the interface: address, MTU, promiscuity. The bridge calls it; no other
 * file changes these of the card.
 */
#ifndef TOOLS_ULDF_NET_FOLLOW_H
#define TOOLS_ULDF_NET_FOLLOW_H

#include "bridge.h"

/* Bytes of a frame beside the MTU's payload: the header of Ethernet and a VLAN tag. */
#define FOLLOW_OVERHEAD 18

/* Largest MTU that the card carries. */
#define FOLLOW_MTU_MAX (ULDF_E1000E_JUMBO_MAX - FOLLOW_OVERHEAD)

/* Begins to follow. Where that is impossible, says so once; frames are carried all the same. */
void follow_init(struct bridge *bridge);

/* Takes a bridge that follow_init() has not seen, too. */
void follow_fini(struct bridge *bridge);

#endif
