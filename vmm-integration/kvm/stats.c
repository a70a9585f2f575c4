// SPDX-License-Identifier: MIT
#include "stats.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Return: 0, -EPROTO the file ends before, or what pread() answers. */
static int read_at(int fd, void *out, size_t size, uint64_t offset)
{
	ssize_t got = pread(fd, out, size, (off_t)offset);

	if (got < 0)
		return -errno;
	return (size_t)got == size ? 0 : -EPROTO;
}

static struct vmm_stat *find(struct vmm_stats *stats, const char *name)
{
	for (size_t i = 0; i < stats->count; i++)
		if (!strcmp(stats->list[i].name, name))
			return &stats->list[i];
	if (stats->count == VMM_STATS_MAX)
		return NULL;
	strcpy(stats->list[stats->count].name, name);
	stats->list[stats->count].value = 0;
	return &stats->list[stats->count++];
}

static int add_one(struct vmm_stats *stats, int fd, const struct kvm_stats_header *header,
		   const struct kvm_stats_desc *desc)
{
	struct vmm_stat *stat;
	uint64_t value;
	int error;

	if ((desc->flags & KVM_STATS_TYPE_MASK) != KVM_STATS_TYPE_CUMULATIVE || desc->size != 1)
		return 0;
	if (!memchr(desc->name, 0, header->name_size))
		return -EPROTO;
	error = read_at(fd, &value, sizeof(value), (uint64_t)header->data_offset + desc->offset);
	if (error)
		return error;
	stat = find(stats, desc->name);
	if (!stat)
		return -EPROTO;
	stat->value += value;
	return 0;
}

int vmm_stats_add(struct vmm_stats *stats, int fd)
{
	struct vmm_stats sum = *stats;
	struct kvm_stats_header header;
	struct kvm_stats_desc *desc;
	size_t size;
	int error;

	error = read_at(fd, &header, sizeof(header), 0);
	if (error)
		return error;
	if (!header.name_size || header.name_size > VMM_STATS_NAME_MAX)
		return -EPROTO;
	size = sizeof(*desc) + header.name_size;
	desc = malloc(size);
	if (!desc)
		return -ENOMEM;
	for (uint32_t i = 0; !error && i < header.num_desc; i++) {
		error = read_at(fd, desc, size, header.desc_offset + (uint64_t)i * size);
		if (!error)
			error = add_one(&sum, fd, &header, desc);
	}
	free(desc);
	if (!error)
		*stats = sum;
	return error;
}

static json_t *viommu_object(bool strict, const struct vpci_viommu_counters *counters)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{"doorbells", counters->doorbells},
		{"requests", counters->requests},
		{"refused", counters->refused},
		{"quota", counters->quota},
		{"maps", counters->maps},
		{"unmaps", counters->unmaps},
		{"map_calls", counters->map_calls},
		{"unmap_calls", counters->unmap_calls},
		{"domains", counters->domains},
		{"mappings", counters->mappings},
		{"dead", counters->dead},
		{"faults", counters->faults},
		{"faults_dropped", counters->faults_dropped},
	};
	json_t *object = json_pack("{s:b}", "strict", (int)strict);

	for (size_t i = 0; object && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (json_object_set_new(object, rows[i].name,
					json_integer((json_int_t)rows[i].value))) {
			json_decref(object);
			object = NULL;
		}
	return object;
}

static json_t *kvm_object(const struct vmm_stats *stats)
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < stats->count; i++)
		if (json_object_set_new(object, stats->list[i].name,
					json_integer((json_int_t)stats->list[i].value))) {
			json_decref(object);
			object = NULL;
		}
	return object;
}

json_t *vmm_stats_json(const struct vmm_stats *stats)
{
	json_t *document =
		json_pack("{s:i, s:I, s:i, s:I, s:o}", "version", 1, "memory_bytes",
			  (json_int_t)stats->memory, "processors", (int)stats->cpus, "dma_faults",
			  (json_int_t)stats->dma_faults, "kvm", kvm_object(stats));

	if (document && stats->has_viommu &&
	    json_object_set_new(document, "viommu", viommu_object(stats->strict, &stats->viommu))) {
		json_decref(document);
		document = NULL;
	}
	return document;
}

int vmm_stats_write(const struct vmm_stats *stats, int fd)
{
	json_t *document = vmm_stats_json(stats);
	int error = 0;

	if (!document)
		return -ENOMEM;
	if (json_dumpfd(document, fd, JSON_INDENT(2)) || write(fd, "\n", 1) != 1)
		error = -EIO;
	json_decref(document);
	return error;
}
