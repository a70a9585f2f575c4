// SPDX-License-Identifier: GPL-2.0-or-later
/* uldfctl: lists a host's PCI devices, claims and releases them. */
#include "output.h"
#include "verbs.h"

int main(int argc, char **argv)
{
	struct arguments arguments;
	struct uldf_ctx *ctx;
	int status;

	arguments_init(&arguments, argc, argv);
	if (arguments.json)
		output_json_begin();
	if (uldf_ctx_create(&ctx)) {
		output_error("out of memory");
		status = OUTPUT_FAILED;
	} else {
		status = arguments.verb->run(ctx, &arguments);
		uldf_ctx_destroy(ctx);
	}
	status = output_json_end(status);
	arguments_fini(&arguments);
	return status;
}
