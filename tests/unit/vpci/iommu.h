/* SPDX-License-Identifier: MIT */
/* A VMM behind struct vpci_viommu_ops, which remembers what it was asked for and asserts that it may be. */
#ifndef UNIT_VPCI_IOMMU_H
#define UNIT_VPCI_IOMMU_H

#include <vpci/viommu.h>

#define IOMMU_ENDPOINTS 32
#define IOMMU_DOMAINS	8
#define IOMMU_MAPPINGS	2048

/* What an endpoint reaches. */
enum iommu_reach {
	IOMMU_NOTHING,
	IOMMU_ALL,
	IOMMU_DOMAIN
};

struct iommu_domain {
	bool used;
	size_t count;
	struct vpci_viommu_mapping list[IOMMU_MAPPINGS];
};

struct iommu_endpoint {
	enum iommu_reach reach;
	struct iommu_domain *domain; /* with IOMMU_DOMAIN */
};

struct iommu {
	struct iommu_domain domains[IOMMU_DOMAINS];
	struct iommu_endpoint endpoints[IOMMU_ENDPOINTS];
	int create_error, attach_error, detach_error, map_error, unmap_error; /* answers */
	uint64_t bad_target; /* the op map refuses this target; 0 for no refusal */
	unsigned int detaches, map_calls, unmap_calls;
	unsigned int releases; /* how often an endpoint was let into all of guest RAM */
	void (*at_work)(
		void); /* called in the ops attach, detach, map and unmap; NULL for nothing */
	const uint32_t *command; /* command register of a device behind the IOMMU; NULL for none */
	bool exposed;		 /* the device mastered the bus at a release */
};

extern const struct vpci_viommu_ops iommu_ops;

/* Pages of 4 KiB, addresses below 1 << 39, 16 domains, 1000 mappings, bypass. */
struct vpci_viommu_options iommu_options(void);

unsigned int iommu_domain_count(const struct iommu *iommu);

/* The mappings of all domains. */
uint64_t iommu_mapping_count(const struct iommu *iommu);

/* The domain that an endpoint is in; asserts that it is in one. */
struct iommu_domain *iommu_domain_of(struct iommu *iommu, uint32_t endpoint);

/* Expects in a test what an endpoint reaches. */
#define iommu_expect(iommu, endpoint, what)                                                        \
	cr_expect_eq((iommu)->endpoints[endpoint].reach, what, "endpoint %u reaches %d", endpoint, \
		     (iommu)->endpoints[endpoint].reach)

/* The mapping at an address; NULL for none. */
const struct vpci_viommu_mapping *iommu_find(const struct iommu_domain *domain, uint64_t address);

#endif
