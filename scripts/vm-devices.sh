# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# In the host VM: the devices that scripts/vm gave it, if it did: a disk (DISK), a
# network (NET) and a directory (SHARE).

. /vm/vm-wait.sh

# what a module says that it needs, which is not the same in all releases
needs() {
	tr '\0' '\n' < "$1" | sed -n 's/^depends=//p' | tr ',' ' '
}

# start_modules NAME...: and what they need, but for those that are not here or loaded.
# (In shells of their own: this calls itself.)
start_modules() (
	for module; do
		file=/modules/$module.ko
		if [ -e "$file" ] && [ ! -e "/sys/module/$module" ]; then
			# shellcheck disable=SC2046 # several words, or none
			start_modules $(needs "$file") && insmod "$file" || exit
		fi
	done
)

# becomes /dev/vda
start_disk() {
	start_modules virtio_pci virtio_blk && wait_for 10 test -b /dev/vda
}

# the bridge br0, which is on the network; this machine has no address there
start_bridge() {
	start_modules virtio_pci virtio_net tun bridge &&
		ip link add br0 type bridge && ip link set eth0 master br0 &&
		ip link set eth0 up && ip link set br0 up
}

# mounted at /share
start_share() {
	start_modules virtio_pci 9pnet_virtio 9p && mkdir -p /share &&
		mount -t 9p -o trans=virtio,version=9p2000.L,msize=131072 share /share
}
