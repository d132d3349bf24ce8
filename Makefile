# SPDX-License-Identifier: GPL-2.0
#
# The front for people.  "make help" lists what it does; the module's own list
# of files is in Kbuild, the launcher's and the guests' in their directories.

HOST	?= 686
CPU	?= max
SMP	?= $(if $(filter bochs%,$(CPU)),1,2)
GUEST	?= linux
# (what a shell will expand, make is to leave alone)
override CMD := $(value CMD)
export HOST CPU SMP GUEST SHARE APPEND MEM LAUNCHER T MATRIX CMD

CACHE	:= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/lguest
HOSTDIR	:= $(CACHE)/host-$(HOST)
RUNNING	:= /lib/modules/$(shell uname -r)/build

# What lguest.ko is built for: the running kernel if that is x86 and its headers are
# installed, else the host VM's.
ifneq ($(and $(filter i386 i486 i586 i686 x86_64,$(shell uname -m)),$(wildcard $(RUNNING))),)
KDIR	?= $(RUNNING)
endif
KDIR	?= $(HOSTDIR)/kdir

# (asked when that is there)
kernel-config = $(shell sed -n 's/^$(1)=//p' $(KDIR)/include/config/auto.conf 2>/dev/null)
KERNEL_BITS = $(if $(call kernel-config,CONFIG_X86_64),64,32)

# Where 32-bit user space ends, which is what programs are linked by, if this kernel says so
# (CONFIG_VMSPLIT_2G and its like); else user-end.mk does
USER_END = $(addprefix USER_END=,$(call kernel-config,CONFIG_PAGE_OFFSET))

MAKEFLAGS += --no-print-directory

INSTALL	?= install
PREFIX	?= /usr/local

all: module launcher guests

help:
	@echo 'make              lguest.ko, the launcher and the guests'
	@echo 'make run          boot a guest in a host VM, on this terminal'
	@echo 'make linux-guest  Linux as a guest, which takes some minutes: GUEST=linux-7.3, or'
	@echo '                  linux and linux-pae; DEBUG=1 with debug information, for gdb'
	@echo '                  (lguest(1)); SRC=/path/to/linux from a source of yours, as'
	@echo '                  GUEST=own (guests/linux/README)'
	@echo 'make debian-root  a Debian root file system for it, which takes some, too'
	@echo 'make check        all tests'
	@echo 'make lint         just the checks of the source'
	@echo 'make mutants      do the tests notice broken rules?  M= names some; takes an hour'
	@echo 'make fuzz         the fuzzers, of the launcher and of the module (on HOST), for'
	@echo '                  MINUTES=10 each; SEED=n repeats a run, FUZZERS="p9 agent" chooses'
	@echo 'make bench        what Linux as a guest costs, in instructions, time and exits'
	@echo 'make bench-compare  that, but for time, beside the table of tests/bench: fails if'
	@echo '                  it costs more or less; make bench-accept has it be the table,'
	@echo '                  and make bench-chart draws the newest one'
	@echo 'make shell        a shell in the host VM, module loaded'
	@echo 'make install      lguest.ko for the kernel of KDIR; launcher, manual pages'
	@echo '                  and headers to PREFIX=/usr/local, all below DESTDIR=;'
	@echo '                  KEY= CERT= sign the module, for Secure Boot (README)'
	@echo 'make install-guests  the small guests, and Linux as a guest if that was built'
	@echo 'make uninstall    remove them'
	@echo 'make deb          Debian packages of all of these, in build/deb (README)'
	@echo 'make clean        remove what was built (not the cache of downloads)'
	@echo
	@echo 'HOST=686          the host VM: a kernel of scripts/hosts (686, 686-pae, amd64, ...)'
	@echo 'CPU=max SMP=2     its processors, as QEMU calls them, and how many; CPU=bochs is'
	@echo '                  in Bochs (README), with one if SMP does not say otherwise'
	@echo 'MEM=512M APPEND=  its memory (768M for 64-bit kernels), and more for its command line'
	@echo 'LAUNCHER=32       the 32-bit launcher, on a host of 64 bits'
	@echo 'GUEST=linux       the guest that "make run" boots: linux, debian, tiny or hello;'
	@echo '                  -pae after it is the same with PAE page tables, and tiny-2.6.24,'
	@echo '                  hello-3.11-pae ... are for the lguest of those releases (README'
	@echo '                  lists them)'
	@echo 'SHARE=build/share the directory that Linux and Debian have as /mnt/host'
	@echo 'RUN="ls /mnt"     what they are to do in "make run", instead of a shell or login'
	@echo 'CMD="ls /mnt"     likewise, for GUEST=linux: prints just what that prints, and ends'
	@echo '                  as that does (README)'
	@echo 'T=name            run just these tests (several: T="a b")'
	@echo 'MATRIX=1          run the tests on all the machines of tests/matrix;'
	@echo '                  MATRIX=long: those of tests/matrix-long; debug: of matrix-debug'
	@echo 'KDIR=...          the kernel that make and make install build for: the running one,'
	@echo '                  if its headers are installed, else the host'"'"'s; the others build'
	@echo '                  for the host VM'"'"'s'

build-deps:
	@scripts/deps build

run-deps:
	@scripts/deps build run

check-deps:
	@scripts/deps build run check

# (which knows whether that has to be done)
$(HOSTDIR)/version: FORCE
	@scripts/fetch-host $(HOST)

# module and launcher, for KDIR; the host VM's has to be fetched first
ifeq ($(KDIR),$(HOSTDIR)/kdir)
module launcher: $(HOSTDIR)/version
endif
module: build-deps
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

# A 64-bit kernel starts both launchers, if it has 32-bit emulation; its own is enough.
launcher: build-deps
	@[ $(KERNEL_BITS) = 64 ] || scripts/deps build-32
	$(MAKE) -C launcher $(USER_END) $(KERNEL_BITS) $(if $(filter 64,$(KERNEL_BITS)),all)

guests: build-deps
	$(MAKE) -C guests

# all that the host VM is booted with, built for that VM's kernel
vm: run-deps $(HOSTDIR)/version
	$(MAKE) all KDIR=$(HOSTDIR)/kdir

# (what can be wrong with a name is said before minutes of building)
known-guest:
	@scripts/known-guest "$$GUEST"

# (with CMD, what is printed is the command's)
run: known-guest $(if $(CMD),vm-aside,vm)
	@scripts/run

vm-aside:
	@$(MAKE) vm >&2

# Linux, which make run boots with GUEST=linux and linux-pae, or the one that GUEST says
linux-guest: build-deps
	@scripts/linux-guest $(if $(filter file,$(origin GUEST)),,$(GUEST))

# and with GUEST=debian and debian-pae
debian-root:
	@scripts/debian-root

shell: vm
	@scripts/vm -i scripts/vm-shell.sh || [ $$? -lt 124 ]

test-programs: vm
	$(MAKE) -C tests KDIR=$(HOSTDIR)/kdir $(USER_END)

# Linux is a guest that takes some minutes to build, the first time.  Those that are tested
# are what guests/linux says now: linux, or those that LINUX says, or that were built before.
LINUX_TESTED = $(or $(LINUX),linux $(basename $(notdir $(wildcard build/linux/linux*.version))))
DEBIAN_TESTED = $(patsubst debian%,linux%,$(or $(filter debian%,$(GUEST)),debian))
linux-for-check = $(sort $(if $(filter linux,$(or $(T),linux)),$(LINUX_TESTED)) \
	$(if $(filter debian,$(T)),$(DEBIAN_TESTED)))
check: check-deps known-tests test-programs $(if $(linux-for-check),linux-for-check)
	@tests/run

known-tests:
	@tests/run --check

linux-for-check: build-deps
	@scripts/linux-guest --if-needed $(linux-for-check)

# (a CPU whose TSC is a clock, as on all machines but QEMU's newer ones)
ifeq ($(origin CPU),file)
ifneq ($(filter %amd64,$(HOST)),)
bench bench-compare: CPU := core2duo
else
bench bench-compare: CPU := core2duo,-lm,-syscall
endif
endif
bench: known-bench-guest test-programs
	@scripts/bench

# (whether there is something to compare with is known before anything is built)
bench-compare: known-bench-guest bench-accepted test-programs
	@scripts/bench compare

bench-accepted: known-bench-guest
	@scripts/bench accepted

bench-accept: known-bench-guest
	@scripts/bench accept

bench-chart: known-bench-guest
	@scripts/bench chart

known-bench-guest:
	@scripts/known-guest --linux "$$GUEST"

lint: check-deps $(HOSTDIR)/version
	@T=lint tests/run

# Documentation/world-switch.txt says of what rules
mutants: check-deps
	@tests/mutate $(M)

# all that the launcher hears, or what FUZZERS names of that, and then the module (which is
# all, where it is said how many entries into guests, requests or guests there are to be)
ifndef SEED
fuzz: SEED := $(shell od -An -N3 -tu4 /dev/urandom | tr -d ' ')
endif
fuzz: export SEED := $(SEED)
fuzz: export MINUTES := $(or $(MINUTES),10)
fuzz: check-deps test-programs
	$(if $(ENTRIES)$(REQUESTS)$(GUESTS),,$(MAKE) -s -C launcher fuzz-build)
	@$(if $(ENTRIES)$(REQUESTS)$(GUESTS),,scripts/fuzz-launcher $(FUZZERS))
	@echo "fuzzing lguest.ko on $(HOST); to repeat: make fuzz HOST=$(HOST) SEED=$(SEED)"
	@T=fuzz MATRIX= JOBS=1 tests/run

# What modprobe finds modules by; the kernel's own modules_install leaves that out
# where headers are without a System.map, as Debian's are.
RELEASE	= $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	$(KDIR)/include/generated/utsrelease.h)
MODULES	= $(DESTDIR)/lib/modules/$(RELEASE)
depmod	= @[ ! -d $(MODULES) ] || { echo '  DEPMOD  $(MODULES)'; PATH=$$PATH:/usr/sbin:/sbin \
		depmod $(if $(DESTDIR),-b $(DESTDIR)) $(RELEASE); }

LAUNCHER_32 := build/lguest
LAUNCHER_64 := build/lguest-amd64
MAN_PAGES := $(wildcard Documentation/*.[1-8])
HEADERS	:= $(wildcard include/uapi/linux/*.h)
BASH_COMPLETION	= $(DESTDIR)$(PREFIX)/share/bash-completion/completions/lguest
ZSH_COMPLETIONS	?= $(PREFIX)/share/zsh/site-functions
ZSH_COMPLETION	= $(DESTDIR)$(ZSH_COMPLETIONS)/_lguest
man-dir	= $(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $(1)))
# (patterns, for the shell)
SMALL_GUESTS := hello* tiny* virtio*
LINUX_GUESTS := linux*
GUESTS_DIR = $(DESTDIR)$(PREFIX)/share/lguest

install: install-module install-launcher

# The distribution's key, to sign modules with, is not ours to have; KEY and CERT are
# the person's own.  A module is not compressed, whatever the kernel's own are, as what
# is signed is the module.
install-module: module
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_STRIP=1 \
		CONFIG_MODULE_SIG_ALL= CONFIG_MODULE_COMPRESS_ALL= CONFIG_MODULE_COMPRESS_XZ= \
		CONFIG_MODULE_COMPRESS_ZSTD= CONFIG_MODULE_COMPRESS_GZIP= modules_install
	$(if $(KEY),$(KDIR)/scripts/sign-file sha256 $(KEY) $(CERT) \
		$$(ls $(MODULES)/updates/lguest.ko $(MODULES)/extra/lguest.ko 2>/dev/null))
	$(depmod)

install-launcher: launcher
	$(INSTALL) -D $(LAUNCHER_$(KERNEL_BITS)) $(DESTDIR)$(PREFIX)/bin/lguest
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(PREFIX)/include/linux $(HEADERS)
	$(INSTALL) -D -m 644 completion/lguest.bash $(BASH_COMPLETION)
	$(INSTALL) -D -m 644 completion/_lguest $(ZSH_COMPLETION)
	$(foreach page,$(MAN_PAGES),$(INSTALL) -D -m 644 -t $(call man-dir,$(page)) $(page) &&) :

install-guests: guests
	$(INSTALL) -D -m 644 -t $(GUESTS_DIR) $(addprefix build/guests/,$(SMALL_GUESTS)) \
		$(filter-out %.bzImage %.version,$(wildcard build/linux/$(LINUX_GUESTS)))

# (where modules_install puts a module depends on the kernel, and so does its ending)
uninstall:
	for dir in $(MODULES)/extra $(MODULES)/updates; do \
		rm -f $$dir/lguest.ko*; \
		[ ! -d $$dir ] || rmdir --ignore-fail-on-non-empty $$dir; \
	done
	$(depmod)
	rm -f $(DESTDIR)$(PREFIX)/bin/lguest $(BASH_COMPLETION) $(ZSH_COMPLETION) \
		$(addprefix $(DESTDIR)$(PREFIX)/include/linux/,$(notdir $(HEADERS))) \
		$(foreach page,$(MAN_PAGES),$(call man-dir,$(page))/$(notdir $(page))) \
		$(addprefix $(GUESTS_DIR)/,$(SMALL_GUESTS) $(LINUX_GUESTS))
	[ ! -d $(GUESTS_DIR) ] || rmdir --ignore-fail-on-non-empty $(GUESTS_DIR)

deb:
	@scripts/deb

clean:
	if [ -e $(KDIR) ]; then \
		$(MAKE) -C $(KDIR) M=$(CURDIR) clean && \
		$(MAKE) -C $(KDIR) M=$(CURDIR)/tests/modules clean; \
	fi
	rm -rf build

.PHONY: FORCE all help mutants known-guest known-bench-guest known-tests build-deps run-deps check-deps module launcher guests vm vm-aside \
	run linux-guest linux-for-check debian-root shell test-programs check bench bench-compare \
	bench-accepted bench-accept bench-chart lint fuzz install install-module install-launcher install-guests uninstall deb clean
