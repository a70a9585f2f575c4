// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <unistd.h>
#include "host.h"
#include "wire.h"

static struct host host;
static const struct vpci_host services = {&host_ops, &host};

static void wire_start(void)
{
	host_init(&host);
}

TestSuite(wire, .init = wire_start);

Test(wire, a_level_has_a_resample_eventfd)
{
	struct vpci_wire wire;

	cr_assert_eq(vpci_wire_init(&wire, &services, 17, true), 0);
	cr_expect_eq(host.wires[0].gsi, 17);
	cr_expect_eq(host.wires[0].fd, wire.fd);
	cr_expect_eq(host.wires[0].resample, wire.resample);
	cr_expect_geq(wire.resample, 0);
	vpci_wire_fini(&wire, &services);
	cr_expect_eq(host_wire_count(&host), 0);
	cr_expect_eq(wire.fd, -1);
	vpci_wire_fini(&wire, &services);
}

Test(wire, an_edge_has_none)
{
	struct vpci_wire wire;

	cr_assert_eq(vpci_wire_init(&wire, &services, 14, false), 0);
	cr_expect_eq(host.wires[0].resample, -1);
	vpci_wire_fini(&wire, &services);
}

Test(wire, a_host_that_refuses_leaves_nothing_open)
{
	struct vpci_wire wire = {.fd = 77};
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC), after;

	host.wire_error = -EINVAL;
	close(before);
	cr_expect_eq(vpci_wire_init(&wire, &services, 17, true), -EINVAL);
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	cr_expect_eq(after, before);
	cr_expect_eq(wire.fd, 77);
	close(after);
}
