/* SPDX-License-Identifier: MIT */
/* Umbrella of libuldf: drive PCI devices from a process. */
#ifndef ULDF_H
#define ULDF_H

#include <uldf/ctx.h>
#include <uldf/discover.h>
#include <uldf/claim.h>
#include <uldf/usage.h>
#include <uldf/device.h>
#include <uldf/region.h>
#include <uldf/io.h>
#include <uldf/event.h>
#include <uldf/config.h>
#include <uldf/irq.h>
#include <uldf/space.h>
#include <uldf/dma.h>
#include <uldf/dma_fault.h>
#include <uldf/check.h>
#include <uldf/model.h>
#include <uldf/record.h>

#endif
