# SPDX-License-Identifier: MIT
LIBRARIES += vpci
vpci.sources := $(addprefix vpci/src/,config.c config_bar.c config_list.c filter.c filter_rules.c \
	bus.c slot.c function.c space.c access.c decode.c line.c assign.c host_bridge.c \
	msi.c msix.c vector.c wire.c interrupts.c assigned.c assigned_config.c assigned_bars.c assigned_report.c \
	messages.c virtio_queue.c virtio_common.c virtio_pci.c \
	viommu_codec.c viommu.c viommu_endpoint.c viommu_batch.c viommu_faults.c \
	viommu_report.c viommu_function.c)
vpci.include := vpci/include
vpci.uses := uldf
