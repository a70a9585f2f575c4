# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2034 # those who source it read it
# The ways in which a guest's DMA is confined that the benchmarks of guests compare, named by POLICIES; source it after
# guest.sh: 'direct', Linux' own driver of the virtio-iommu ('lazy', 'strict'), and uldf_guest.ko ('module-lazy', 'module-strict').
release=${LAB_KERNEL##*/vmlinuz-}
read -ra policies <<<"${POLICIES:-direct lazy strict module-lazy module-strict}"
declare -A policy_append=([strict]=iommu.strict=1 [module-lazy]=uldf_guest.lazy=1)

policy_initrd() { # POLICY SCRIPT OPTION...: makes /run/POLICY.img
	local policy=$1 script=$2 iommu=(--viommu)
	shift 2
	[[ $policy != module-* ]] || iommu=(--first virtio_pci_modern_dev --first "$LAB_BUILD/guest-kmod/$release/uldf_guest.ko")
	[[ $policy != direct ]] || iommu=()
	"$LAB_FILES/guest-initrd" --bare "${iommu[@]}" "$@" --script "$script" "/run/$policy.img"
}

# Boots the guest of a policy.
policy_run() { # POLICY NAME APPEND [OPTION]...
	local policy=$1 name=$2 append=$3 dma=viommu
	shift 3
	[[ $policy != direct ]] || dma=direct
	guest_run "$name" "/run/$policy.img" "${policy_append[$policy]-} $append" --dma "$dma" "$@"
	guest_says "$name" 'guest: script ended with status 0' ||
		fail "the guest '$name' did not do its job: $(tail -n 20 "$LAB_OUT/guest-$name.log")"
}
