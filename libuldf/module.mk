# SPDX-License-Identifier: MIT
LIBRARIES += uldf
uldf.sources  := $(addprefix libuldf/src/,address.c backend.c caller.c claim.c config.c config_filter.c ctx.c \
	decorator.c decorator_space.c device.c discover.c dma.c dma_fault.c event.c eventfds.c io.c iova.c irq.c \
	irq_event.c memory.c mounts.c pci_config.c region.c registers.c relay.c space.c sysfs.c table.c usage.c watcher.c \
	$(addprefix detect/,block.c console.c detect.c display.c dma.c exclusive.c export.c files.c host.c i2c.c input.c kind.c \
		mount.c netns.c netns_links.c network.c node.c opener.c process.c rdma.c set.c sriov.c vfio.c watchdog.c) \
	$(addprefix kmod/,bare.c control.c device.c event.c io.c irq.c region.c space.c) \
	$(addprefix vfio/,attach.c device.c event.c group.c irq.c region.c space.c) \
	$(addprefix uio/,device.c irq.c region.c) \
	$(addprefix model/,config.c disk.c dma.c edu.c engine.c event.c irq.c model.c options.c \
		region.c space.c \
		$(addprefix e1000e/,access.c cable.c cause.c e1000e.c filter.c link.c nvm.c offload.c packet.c receive.c \
			statistics.c tap.c transmit.c) \
		$(addprefix ide/,command.c ide.c identify.c master.c taskfile.c transfer.c) \
		$(addprefix nvme/,admin.c identify.c io.c nvme.c prp.c queue.c)) \
	$(addprefix check/,device.c fault.c finding.c mapping.c master.c source.c space.c) \
	$(addprefix fault/,device.c plan.c space.c) \
	$(addprefix record/,codec.c device.c form.c irq.c mapping.c memory.c reader.c recorder.c space.c window.c) \
	$(addprefix replay/,device.c io.c mapping.c replay.c space.c))
uldf.include  := libuldf/include
uldf.private  := libuldf/src kmod/include/uapi
uldf.packages := libudev libevent
uldf.soname   := libuldf.so.0
uldf.map      := libuldf/libuldf.map
