/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints, in /sys/kernel/tracing/events/uldf: what became of a device, step by step. A device is named
 * by its segment, bus, device and function; text is made when a trace is read.
 */
/* clang-format off */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM uldf

#if !defined(ULDF_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ULDF_TRACE_H

#include <linux/pci.h>
#include <linux/tracepoint.h>
#include <linux/uldf.h>

#define uldf_trace_reset(method)                                                          \
	__print_symbolic(method, {ULDF_RESET_NONE, "none"}, {ULDF_RESET_QUIESCED, "stopped"}, \
			 {ULDF_RESET_FUNCTION, "function"}, {ULDF_RESET_FLR, "FLR"},          \
			 {ULDF_RESET_AF, "AF FLR"}, {ULDF_RESET_PM, "PM"},                    \
			 {ULDF_RESET_BUS, "bus"})

DECLARE_EVENT_CLASS(uldf_device_class,
	TP_PROTO(struct pci_dev *pdev, u32 value),
	TP_ARGS(pdev, value),
	TP_STRUCT__entry(
		__field(u32, segment)
		__field(u16, address)
		__field(u32, value)
	),
	TP_fast_assign(
		__entry->segment = pci_domain_nr(pdev->bus);
		__entry->address = pci_dev_id(pdev);
		__entry->value = value;
	),
	TP_printk("%04x:%02x:%02x.%d %u", __entry->segment, __entry->address >> 8,
		  PCI_SLOT(__entry->address & 0xff), PCI_FUNC(__entry->address & 0xff),
		  __entry->value)
);

/* The value: 0, or what the claim failed with, sign changed. */
DEFINE_EVENT(uldf_device_class, uldf_claim, TP_PROTO(struct pci_dev *pdev, u32 value),
	     TP_ARGS(pdev, value));
/* The value: how often the device was opened since it was claimed. */
DEFINE_EVENT(uldf_device_class, uldf_open, TP_PROTO(struct pci_dev *pdev, u32 value),
	     TP_ARGS(pdev, value));
/* The value: which vector. */
DEFINE_EVENT(uldf_device_class, uldf_vector, TP_PROTO(struct pci_dev *pdev, u32 value),
	     TP_ARGS(pdev, value));
/* The value: how many virtual functions there are now. */
DEFINE_EVENT(uldf_device_class, uldf_functions, TP_PROTO(struct pci_dev *pdev, u32 value),
	     TP_ARGS(pdev, value));

DECLARE_EVENT_CLASS(uldf_reset_class,
	TP_PROTO(struct pci_dev *pdev, u32 method),
	TP_ARGS(pdev, method),
	TP_STRUCT__entry(
		__field(u32, segment)
		__field(u16, address)
		__field(u32, method)
	),
	TP_fast_assign(
		__entry->segment = pci_domain_nr(pdev->bus);
		__entry->address = pci_dev_id(pdev);
		__entry->method = method;
	),
	TP_printk("%04x:%02x:%02x.%d %s", __entry->segment, __entry->address >> 8,
		  PCI_SLOT(__entry->address & 0xff), PCI_FUNC(__entry->address & 0xff),
		  uldf_trace_reset(__entry->method))
);

/* What was tried and did it; "none" where nothing did. */
DEFINE_EVENT(uldf_reset_class, uldf_reset, TP_PROTO(struct pci_dev *pdev, u32 method),
	     TP_ARGS(pdev, method));
/* The end of a claim, and what stopped or reset the device. */
DEFINE_EVENT(uldf_reset_class, uldf_release, TP_PROTO(struct pci_dev *pdev, u32 method),
	     TP_ARGS(pdev, method));

#ifndef ULDF_TRACE_STEPS
#define ULDF_TRACE_STEPS
/* The steps of a teardown. */
enum uldf_trace_step {
	ULDF_STEP_GATE,
	ULDF_STEP_MASKED,
	ULDF_STEP_MASTER,
	ULDF_STEP_DRAINED,
	ULDF_STEP_STOPPED,
	ULDF_STEP_FREED,
	ULDF_STEP_DETACHED,
};
#endif

/* Each when it is done. */
TRACE_EVENT(uldf_step,
	TP_PROTO(struct pci_dev *pdev, u32 step),
	TP_ARGS(pdev, step),
	TP_STRUCT__entry(
		__field(u32, segment)
		__field(u16, address)
		__field(u32, step)
	),
	TP_fast_assign(
		__entry->segment = pci_domain_nr(pdev->bus);
		__entry->address = pci_dev_id(pdev);
		__entry->step = step;
	),
	TP_printk("%04x:%02x:%02x.%d %s", __entry->segment, __entry->address >> 8,
		  PCI_SLOT(__entry->address & 0xff), PCI_FUNC(__entry->address & 0xff),
		  __print_symbolic(__entry->step,
				   {ULDF_STEP_GATE, "gate closed"},
				   {ULDF_STEP_MASKED, "vectors masked"},
				   {ULDF_STEP_MASTER, "bus mastering off"},
				   {ULDF_STEP_DRAINED, "drained"},
				   {ULDF_STEP_STOPPED, "stopped or reset"},
				   {ULDF_STEP_FREED, "vectors freed"},
				   {ULDF_STEP_DETACHED, "detached"}))
);

/* A batch of mappings made or ended in a space, which is told by its object. */
DECLARE_EVENT_CLASS(uldf_batch_class,
	TP_PROTO(const void *space, u32 count, u32 done, int ret),
	TP_ARGS(space, count, done, ret),
	TP_STRUCT__entry(
		__field(const void *, space)
		__field(u32, count)
		__field(u32, done)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->space = space;
		__entry->count = count;
		__entry->done = done;
		__entry->ret = ret;
	),
	TP_printk("space %p: %u of %u, %d", __entry->space, __entry->done, __entry->count,
		  __entry->ret)
);

DEFINE_EVENT(uldf_batch_class, uldf_map,
	     TP_PROTO(const void *space, u32 count, u32 done, int ret),
	     TP_ARGS(space, count, done, ret));
DEFINE_EVENT(uldf_batch_class, uldf_unmap,
	     TP_PROTO(const void *space, u32 count, u32 done, int ret),
	     TP_ARGS(space, count, done, ret));

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
