/* SPDX-License-Identifier: MIT */
/* Resource descriptors (ACPI 6.3 §6.4), written between aml_resource_template() and aml_end(). */
#ifndef ACPI_TABLES_RESOURCE_H
#define ACPI_TABLES_RESOURCE_H

#include "aml.h"

/* Resources that a device uses itself */
void aml_resource_io(struct aml *a, uint16_t port, uint8_t n_ports);
void aml_resource_irq(struct aml *a, unsigned int irq); /* ISA: edge, active high, exclusive */
void aml_resource_memory32_fixed(struct aml *a, uint32_t base, uint32_t size);
void aml_resource_memory64(struct aml *a, uint64_t base, uint64_t size);

/* Windows that a bridge passes on to what is below it; a size that does not fit is -EINVAL */
void aml_resource_bus_window(struct aml *a, uint8_t first, uint8_t last);
void aml_resource_io_window(struct aml *a, uint64_t base, uint64_t size);
void aml_resource_memory32_window(struct aml *a, uint64_t base, uint64_t size);
void aml_resource_memory64_window(struct aml *a, uint64_t base, uint64_t size);

#endif
