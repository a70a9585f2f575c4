// SPDX-License-Identifier: MIT
#include <sys/eventfd.h>
#include "vector.h"
#include "host.h"

static struct host host;
static const struct vpci_host services = {&host_ops, &host};
static struct vpci_vector vector;
static const struct vpci_msi msi = {.address = 0xfee01000, .data = 0x41, .requester = 8};

static void vector_start(void)
{
	host_init(&host);
	cr_assert_eq(vpci_vector_init(&vector), 0);
}

static void vector_end(void)
{
	vpci_vector_fini(&vector, &services);
	cr_expect_eq(host_route_total(&host), 0);
	cr_expect_eq(vector.fd, -1);
}

TestSuite(vector, .init = vector_start, .fini = vector_end);

Test(vector, a_route_carries_its_eventfd)
{
	vpci_vector_route(&vector, &services, &msi);
	cr_assert(host_route_of(&host, vector.fd));
	cr_expect_eq(host_route_of(&host, vector.fd)->msi.data, 0x41);
	cr_expect_eq(host_route_of(&host, vector.fd)->msi.requester, 8);
	cr_expect_eq(host.sent, 0);
}

Test(vector, the_same_message_again_changes_nothing)
{
	vpci_vector_route(&vector, &services, &msi);
	vpci_vector_route(&vector, &services, &msi);
	cr_expect_eq(host.updates, 0);
	cr_expect_eq(host_route_count(&host), 1);
}

Test(vector, another_message_updates_the_route)
{
	struct vpci_msi other = msi;

	vpci_vector_route(&vector, &services, &msi);
	other.data = 0x42;
	vpci_vector_route(&vector, &services, &other);
	cr_expect_eq(host.updates, 1);
	cr_expect_eq(host_route_of(&host, vector.fd)->msi.data, 0x42);
}

Test(vector, a_signal_while_held_is_sent_once_on_the_next_route)
{
	vpci_vector_route(&vector, &services, &msi);
	vpci_vector_hold(&vector, &services);
	cr_expect_eq(host_route_count(&host), 0);
	cr_expect_eq(host_route_total(&host), 1, "the route is kept, masked");
	cr_expect_not(vpci_vector_pending(&vector));
	eventfd_write(vector.fd, 1);
	eventfd_write(vector.fd, 1);
	cr_expect(vpci_vector_pending(&vector));
	cr_expect(vpci_vector_pending(&vector));
	vpci_vector_route(&vector, &services, &msi);
	cr_expect_eq(host.sent, 1);
	cr_expect_eq(host.last_sent.data, 0x41);
	cr_expect_not(vpci_vector_pending(&vector));
	vpci_vector_hold(&vector, &services);
	vpci_vector_route(&vector, &services, &msi);
	cr_expect_eq(host.sent, 1);
}

Test(vector, an_address_that_is_no_interrupts_holds_it)
{
	static const uint64_t addresses[] = {0,		 0x1000,      0xfec00000,    0xfef00000,
					     0xfedfffff, 0x1fee00000, UINT64_MAX - 3};
	struct vpci_msi other = msi;

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		vpci_vector_route(&vector, &services, &msi);
		other.address = addresses[i];
		eventfd_write(vector.fd, 1);
		vpci_vector_route(&vector, &services, &other);
		cr_expect_eq(host_route_count(&host), 0, "case %zu", i);
	}
	cr_expect_eq(host.updates, 0);
}

Test(vector, without_a_route_left_it_stays_held)
{
	host.most_routes = 0;
	cr_expect_eq(vpci_vector_route(&vector, &services, &msi), -ENOSPC);
	eventfd_write(vector.fd, 1);
	cr_expect(vpci_vector_pending(&vector));
	host.most_routes = 1;
	vpci_vector_route(&vector, &services, &msi);
	cr_expect_eq(host_route_count(&host), 1);
	cr_expect_eq(host.sent, 1);
}

Test(vector, masking_changes_no_message)
{
	struct vpci_msi other = msi;

	vpci_vector_route(&vector, &services, &msi);
	vpci_vector_hold(&vector, &services);
	vpci_vector_route(&vector, &services, &msi);
	cr_expect_eq(host.updates, 0);
	cr_expect_eq(host_route_count(&host), 1);
	vpci_vector_hold(&vector, &services);
	other.data = 0x42;
	vpci_vector_route(&vector, &services, &other);
	cr_expect_eq(host.updates, 1);
	cr_expect_eq(host_route_of(&host, vector.fd)->msi.data, 0x42);
}

Test(vector, a_route_that_is_not_unmasked_is_given_back)
{
	vpci_vector_route(&vector, &services, &msi);
	vpci_vector_hold(&vector, &services);
	host.unmask_error = -ENOMEM;
	cr_expect_eq(vpci_vector_route(&vector, &services, &msi), -ENOMEM);
	cr_expect_eq(host_route_total(&host), 0);
	eventfd_write(vector.fd, 1);
	cr_expect(vpci_vector_pending(&vector));
	vpci_vector_route(&vector, &services, &msi);
	cr_expect_eq(host.sent, 1);
	cr_expect_eq(host_route_count(&host), 1);
}

Test(vector, a_message_that_the_vmm_did_not_take_stays_pending)
{
	host.most_routes = 1;
	eventfd_write(vector.fd, 1);
	host.send_error = -EAGAIN;
	cr_expect_eq(vpci_vector_route(&vector, &services, &msi), 0);
	cr_expect(vpci_vector_pending(&vector));
	host.send_error = 0;
	cr_expect_eq(vpci_vector_route(&vector, &services, &msi), 0);
	cr_expect_not(vpci_vector_pending(&vector));
	cr_expect_eq(host.sent, 1);
}
