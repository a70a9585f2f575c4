// SPDX-License-Identifier: MIT
/*
 * lab-session [-p] [-c] ADDRESS: a session with a disk, the same each time: reads some of it, writes blocks
 * and reads them back, by interrupt, or polled (-p), by bus master, or by processor (-c). What was read goes to stdout.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uldf.h>
#include <uldf/drivers/disk.h>

#define SIZE 65536

struct session {
	struct uldf_ctx *ctx;
	struct uldf_device *device;
	struct uldf_space *space;
	struct uldf_memory *memory;
	struct uldf_dma *dma;
	struct uldf_disk *disk;
	unsigned char *data;
};

static void must(struct session *s, const char *what, int err)
{
	char reason[256];

	if (!err)
		return;
	uldf_reason(s->ctx, reason, sizeof(reason));
	fprintf(stderr, "lab-session: %s (%s): %s\n", what, strerror(-err), reason);
	exit(1);
}

static void session_init(struct session *s, const char *address,
			 const struct uldf_disk_options *options)
{
	s->data = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(s, "memory", s->data == MAP_FAILED ? -ENOMEM : 0);
	must(s, "open", uldf_device_open(s->ctx, address, &s->device));
	must(s, "space", uldf_space_create_masked(s->device, UINT32_MAX, &s->space));
	must(s, "attach", uldf_device_attach(s->device, s->space));
	must(s, "register",
	     uldf_memory_register(s->space, s->data, SIZE, ULDF_DMA_BOTH, &s->memory));
	must(s, "map", uldf_dma_map(s->memory, 0, SIZE, ULDF_DMA_BOTH, &s->dma));
	must(s, "disk", uldf_disk_open(s->device, s->space, options, &s->disk));
}

static void session_fini(struct session *s)
{
	uldf_disk_close(s->disk);
	uldf_dma_unmap(s->dma);
	must(s, "unregister", uldf_memory_unregister(s->memory));
	must(s, "detach", uldf_device_detach(s->device));
	uldf_space_destroy(s->space);
	uldf_device_close(s->device);
	munmap(s->data, SIZE);
}

/* The first blocks of the memory that is mapped. */
static struct uldf_disk_request request(const struct session *s, struct uldf_segment *segment,
					uint64_t block, uint32_t blocks)
{
	uint32_t size = uldf_disk_info(s->disk)->block_size;

	*segment = (struct uldf_segment){s->dma->list[0].address, (uint64_t)blocks * size};
	return (struct uldf_disk_request){
		.block = block,
		.blocks = blocks,
		.list = segment,
		.count = 1,
		.data = s->data,
	};
}

static void read_out(struct session *s, uint64_t block, uint32_t blocks)
{
	uint32_t size = uldf_disk_info(s->disk)->block_size;
	struct uldf_segment segment;
	struct uldf_disk_request wanted = request(s, &segment, block, blocks);

	memset(s->data, 0xee, SIZE);
	must(s, "read", uldf_disk_read(s->disk, &wanted));
	must(s, "output", fwrite(s->data, size, blocks, stdout) == blocks ? 0 : -EIO);
}

static void write_back(struct session *s, uint64_t block, uint32_t blocks)
{
	uint32_t size = uldf_disk_info(s->disk)->block_size;
	struct uldf_segment segment;
	struct uldf_disk_request wanted = request(s, &segment, block, blocks);

	for (unsigned int i = 0; i < blocks * size; i++)
		s->data[i] = (unsigned char)(i * 13 + i / 256 + 5);
	must(s, "write", uldf_disk_write(s->disk, &wanted));
	must(s, "flush", uldf_disk_flush(s->disk));
}

static int usage(void)
{
	fprintf(stderr, "usage: lab-session [-p] [-c] ADDRESS\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct uldf_disk_options options = {.depth = 4};
	struct session s = {0};
	uint64_t blocks;
	int option;

	while ((option = getopt(argc, argv, "pc")) >= 0) {
		if (option == 'p')
			options.polled = true;
		else if (option == 'c')
			options.pio = true;
		else
			return usage();
	}
	if (argc - optind != 1 || uldf_ctx_create(&s.ctx))
		return usage();
	session_init(&s, argv[optind], &options);
	blocks = uldf_disk_info(s.disk)->blocks;
	fprintf(stderr, "lab-session: %s\n", uldf_disk_info(s.disk)->model);
	read_out(&s, 0, 128);
	read_out(&s, 1000, 1);
	for (unsigned int i = 0; i < 8; i++)
		read_out(&s, 2048 + 8 * i, 8);
	write_back(&s, blocks - 8, 3);
	read_out(&s, blocks - 8, 8);
	session_fini(&s);
	uldf_ctx_destroy(s.ctx);
	return 0;
}
