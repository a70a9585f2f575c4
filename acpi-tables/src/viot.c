// SPDX-License-Identifier: MIT
/* Virtual I/O Translation Table (ACPI 6.5 §5.2.34): which functions stand behind the virtio-iommu. */
#include "table.h"

#define REVISION      0
#define FIRST_NODE    48 /* after header, number and offset of the nodes */
#define NODE_RANGE    1
#define RANGE_LENGTH  24
#define NODE_VIOMMU   3
#define VIOMMU_LENGTH 16

static void write_viommu(struct acpi_buffer *b, const struct acpi_viommu *viommu)
{
	acpi_buffer_u8(b, NODE_VIOMMU);
	acpi_buffer_u8(b, 0);
	acpi_buffer_u16(b, VIOMMU_LENGTH);
	acpi_buffer_u16(b, viommu->segment);
	acpi_buffer_u16(b, viommu->address);
	acpi_buffer_zeros(b, 8);
}

/* The node names the virtio-iommu by its offset in the table. */
static void write_range(struct acpi_buffer *b, const struct acpi_viommu *viommu,
			const struct acpi_endpoints *range)
{
	acpi_buffer_u8(b, NODE_RANGE);
	acpi_buffer_u8(b, 0);
	acpi_buffer_u16(b, RANGE_LENGTH);
	acpi_buffer_u32(b, range->first);
	acpi_buffer_u16(b, viommu->segment);
	acpi_buffer_u16(b, viommu->segment);
	acpi_buffer_u16(b, range->first);
	acpi_buffer_u16(b, range->last);
	acpi_buffer_u16(b, FIRST_NODE);
	acpi_buffer_zeros(b, 6);
}

void acpi_viot_write(struct acpi_blob *blob, const struct acpi_platform *p)
{
	struct acpi_buffer *b = &blob->bytes;

	acpi_table_start_header(blob, "VIOT", REVISION);
	acpi_buffer_u16(b, (uint16_t)(1 + p->viommu->n_ranges));
	acpi_buffer_u16(b, FIRST_NODE);
	acpi_buffer_zeros(b, 8);
	write_viommu(b, p->viommu);
	for (size_t i = 0; i < p->viommu->n_ranges; i++)
		write_range(b, p->viommu, &p->viommu->ranges[i]);
	acpi_table_end_header(blob);
}
