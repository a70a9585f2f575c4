# SPDX-License-Identifier: MIT
TESTS += unit-vpci
unit-vpci.sources := $(addprefix tests/unit/vpci/,host.c model.c device.c config.c config_bar.c \
	config_list.c filter.c filter_extended.c access.c access_config.c decode.c line.c assign.c bus.c slot.c \
	msi.c msix.c vector.c wire.c interrupts.c assigned.c assigned_config.c assigned_bars.c ide.c \
	ring.c driver.c toy.c iommu.c messages.c virtio_queue.c virtio_common.c virtio_pci.c \
	viommu_codec.c viommu.c viommu_batch.c \
	viommu_guest.c viommu_function.c viommu_errors.c viommu_faults.c viommu_bus.c viommu_shutdown.c viommu_start.c \
	chaos.c chaos_steps.c chaos_viommu.c chaos_check.c)
unit-vpci.private := tests vpci/src libuldf/src
unit-vpci.uses := vpci uldf
unit-vpci.packages := criterion
