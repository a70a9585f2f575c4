// SPDX-License-Identifier: MIT
/* From a platform to linked tables: a table is written after those that it points to. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "table.h"

int acpi_tables_build(const struct acpi_platform *platform, const char **reason,
		      struct acpi_tables *out)
{
	struct acpi_blob blob = {.address = platform->tables_base};
	const char *ignored;
	int err;

	if (!reason)
		reason = &ignored;
	err = acpi_check_platform(platform, reason);
	if (err)
		return err;

	acpi_buffer_init(&blob.bytes, platform->tables_size);
	acpi_facs_write(&blob);
	acpi_dsdt_write(&blob, platform);
	acpi_fadt_write(&blob, platform);
	acpi_madt_write(&blob, platform);
	acpi_mcfg_write(&blob, platform);
	if (platform->viommu)
		acpi_viot_write(&blob, platform);
	acpi_xsdt_write(&blob);
	err = blob.bytes.error;
	if (err) {
		acpi_buffer_fini(&blob.bytes);
		return acpi_refuse(reason, err,
				   err == -E2BIG ? "the tables do not fit in their room"
						 : "out of memory");
	}

	*out = (struct acpi_tables){
		.rsdp_address = platform->rsdp_address,
		.address = platform->tables_base,
		.bytes = blob.bytes.bytes,
		.length = blob.bytes.length,
		.n_tables = blob.n_tables,
	};
	memcpy(out->index, blob.index, sizeof(out->index));
	acpi_rsdp_write(out->rsdp, acpi_table_address(&blob, "XSDT"));
	return 0;
}

void acpi_tables_free(struct acpi_tables *tables)
{
	if (!tables)
		return;
	free(tables->bytes);
	*tables = (struct acpi_tables){0};
}
