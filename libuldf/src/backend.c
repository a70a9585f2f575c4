// SPDX-License-Identifier: MIT
#include <string.h>
#include "backend.h"

/* The best first. */
static const struct uldf_backend_ops *const backends[] = {
	&kmod_backend, &record_backend, &replay_backend, &check_backend, &fault_backend,
};

const struct uldf_backend_ops *backend_find(const char *address, const char **rest)
{
	struct uldf_address plain;
	size_t length;

	if (!uldf_address_parse(address, &plain)) {
		*rest = address;
		return backends[0];
	}
	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		length = strlen(backends[i]->name);
		if (strncmp(address, backends[i]->name, length))
			continue;
		if (backends[i]->decorates && (address[length] == ':' || address[length] == '=')) {
			*rest = address + length;
			return backends[i];
		}
		if (!backends[i]->decorates && address[length] == ':') {
			*rest = address + length + 1;
			return backends[i];
		}
	}
	return NULL;
}
