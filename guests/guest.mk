# SPDX-License-Identifier: GPL-2.0
#
# How a directory becomes guests.  Include this, then say
#	$(eval $(call guest,NAME,DIRECTORY,ELF-FILE,ERAS))
# Every .c and .S file of the directory is compiled and linked with the guest
# library, once for each of the eras of the ABI and each format of page tables:
# into ELF-FILE-ERA, whose tables have two levels, and ELF-FILE-ERA-pae; the era
# 2.6.23 is not named.  TOP is the top of the tree; products go below $(TOP)/build.

TOP ?= ..
OUT := $(TOP)/build
LIB_DIR := $(TOP)/guests/lib
OBJ := $(OUT)/guests/obj

# The eras and the formats are directories of the library's, with one header each
# that has what is different in them.
VIRTIO_ERAS := 2.6.24 2.6.25 2.6.29 2.6.30 2.6.31 2.6.34 3.0 3.11
LATER_ERAS := $(VIRTIO_ERAS) 4.1
ERAS := 2.6.23 $(LATER_ERAS)
FORMATS := 2level pae

# Which other directories of the library's belong to an era: its start and devices.
PARTS_2.6.23 := classic
PARTS_2.6.24 := boot virtio fields
PARTS_4.1 := boot pci
parts = $(or $(PARTS_$(1)),boot virtio page)

# $(call ending,ERA,FORMAT): what the names of such guests end in
SUFFIX_pae := -pae
ending = $(if $(filter 2.6.23,$(1)),,-$(1))$(SUFFIX_$(2))
# $(call in-eras,ELF-FILES,ERAS): all that become of them
in-eras = $(foreach e,$(2),$(foreach f,$(FORMATS),$(addsuffix $(call ending,$(e),$(f)),$(1))))

CC ?= gcc
AR ?= ar
LD ?= ld

# Where 64-bit machines have the kernel's headers of x86, which i386 has, too; gcc
# looks there for 32-bit programs only if it has all that such programs need.
X86_HEADERS := $(addprefix -idirafter /usr/include/,$(shell $(CC) -print-multiarch))

# Ring 1 has no right to use the FPU before it has made room for its state.
GUEST_CFLAGS := -m32 -march=i686 -O2 -Wall -Wextra -Wno-sign-compare \
	-std=gnu11 -ffreestanding -nostdlib -fno-pie -fno-pic \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-common \
	-fno-strict-aliasing -fcf-protection=none \
	-mno-sse -mno-mmx -mno-80387 -MMD -MP \
	-I$(LIB_DIR) -I$(TOP)/include/uapi $(X86_HEADERS)
GUEST_LDFLAGS := -m elf_i386 -nostdlib -z max-page-size=4096 \
	-z noexecstack --build-id=none

# $(call lib-sources,ERA)
lib-sources = $(filter-out %/start.S %.lds.S,$(foreach d,. $(call parts,$(1)), \
	$(wildcard $(LIB_DIR)/$(d)/*.c $(LIB_DIR)/$(d)/*.S)))
LDS := $(OBJ)/guest.lds

# V=1 shows the commands instead of their names.
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-7s %s\n' $(1) $(patsubst $(TOP)/%,%,$(2)))

.DELETE_ON_ERROR:

$(LDS): $(LIB_DIR)/guest.lds.S $(LIB_DIR)/layout.h
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -E -P -undef -x c -o $@ $<

# $(call compile,ERA,FORMAT,NAME,DIRECTORY): how its sources become objects.
define compile
$(OBJ)/$(1)/$(2)/$(3)/%.o: $(4)/%
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$$(CC) $$(GUEST_CFLAGS) $(addprefix -I$(LIB_DIR)/,$(1) $(2) $(call parts,$(1))) \
		-I$(4) -c -o $$@ $$<

-include $(wildcard $(OBJ)/$(1)/$(2)/$(3)/*.d $(OBJ)/$(1)/$(2)/$(3)/*/*.d)
endef

# $(call library,ERA,FORMAT)
define library
$(call compile,$(1),$(2),lib,$(LIB_DIR))

$(OBJ)/$(1)/$(2)/libguest.a: $(patsubst $(LIB_DIR)/%,$(OBJ)/$(1)/$(2)/lib/%.o, \
		$(patsubst $(LIB_DIR)/./%,$(LIB_DIR)/%,$(call lib-sources,$(1))))
	@rm -f $$@
	$$(call say,AR,$$@)
	$$(Q)$$(AR) rcs $$@ $$^
endef

$(foreach e,$(ERAS),$(foreach f,$(FORMATS),$(eval $(call library,$(e),$(f)))))

# What is in a guest's directory but for other purposes.
NOT_IN_GUESTS :=
guest-sources = $(filter-out $(NOT_IN_GUESTS),$(wildcard $(1)/*.c $(1)/*.S))

# $(call guest-of,ERA,FORMAT,NAME,DIRECTORY,ELF-FILE); start.S is linked first,
# the banner for who reads the file.
define guest-of
$(call compile,$(1),$(2),$(3),$(4))

$(5): $(patsubst %,$(OBJ)/$(1)/$(2)/lib/%.o,$(firstword $(call parts,$(1)))/start.S \
			$(if $(filter boot,$(call parts,$(1))),boot/banner.c)) \
		$(patsubst $(4)/%,$(OBJ)/$(1)/$(2)/$(3)/%.o,$(call guest-sources,$(4))) \
		$(OBJ)/$(1)/$(2)/libguest.a $(LDS)
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$$(Q)$$(LD) $$(GUEST_LDFLAGS) -T $$(LDS) -o $$@ \
		$$(filter %.o,$$^) $$(filter %.a,$$^)
endef

# $(call guest,NAME,DIRECTORY,ELF-FILE,ERAS)
define guest
$(foreach e,$(4),$(foreach f,$(FORMATS),$(eval \
	$(call guest-of,$(e),$(f),$(1),$(2),$(3)$(call ending,$(e),$(f))))))
endef
