# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In the host VM: the devices that scripts/vm gave it, if it did: a disk (DISK), a
# network (NET) and a directory (SHARE).

. /vm/vm-wait.sh

# start_modules NAME...: in this order, but for those that are not here or loaded
start_modules() {
	for dev_module; do
		if [ -e "/modules/$dev_module.ko" ] && [ ! -e "/sys/module/$dev_module" ]; then
			insmod "/modules/$dev_module.ko" || return
		fi
	done
}

start_virtio() {
	start_modules virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci
}

# becomes /dev/vda
start_disk() {
	start_virtio && start_modules virtio_blk && wait_for 10 test -b /dev/vda
}

# the bridge br0, which is on the network; this machine has no address there
start_bridge() {
	start_virtio && start_modules tun failover net_failover virtio_net llc stp bridge &&
		ip link add br0 type bridge && ip link set eth0 master br0 &&
		ip link set eth0 up && ip link set br0 up
}

# mounted at /share
start_share() {
	start_virtio && start_modules netfs fscache 9pnet 9pnet_virtio 9p && mkdir -p /share &&
		mount -t 9p -o trans=virtio,version=9p2000.L,msize=131072 share /share
}
