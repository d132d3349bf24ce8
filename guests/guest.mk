# SPDX-License-Identifier: GPL-2.0
#
# How a directory becomes a guest.  Include this, then say
#	$(eval $(call guest,NAME,DIRECTORY,ELF-FILE))
# Every .c and .S file of the directory is compiled and linked with the guest
# library, once for each format of page tables: into ELF-FILE, whose tables have
# two levels, and ELF-FILE-pae.  TOP is the top of the tree; products go below
# $(TOP)/build.

TOP ?= ..
OUT := $(TOP)/build
LIB_DIR := $(TOP)/guests/lib
OBJ := $(OUT)/guests/obj

# The formats, which are directories of the library's, and what the names of
# guests that use them end in.
FORMATS := 2level pae
SUFFIX_2level :=
SUFFIX_pae := -pae
all-formats = $(foreach f,$(FORMATS),$(addsuffix $(SUFFIX_$(f)),$(1)))

CC ?= gcc
AR ?= ar
LD ?= ld

# Ring 1 has no right to use the FPU before it has made room for its state.
GUEST_CFLAGS := -m32 -march=i686 -O2 -Wall -Wextra -Wno-sign-compare \
	-std=gnu11 -ffreestanding -nostdlib -fno-pie -fno-pic \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-common \
	-fno-strict-aliasing -fcf-protection=none \
	-mno-sse -mno-mmx -mno-80387 -MMD -MP \
	-I$(LIB_DIR) -I$(TOP)/include/uapi
GUEST_LDFLAGS := -m elf_i386 -nostdlib -z max-page-size=4096 \
	-z noexecstack --build-id=none

LIB_SRC := $(wildcard $(LIB_DIR)/*.c) $(filter-out %/start.S %.lds.S, \
	$(wildcard $(LIB_DIR)/*.S))
LDS := $(OBJ)/guest.lds

# V=1 shows the commands instead of their names.
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-7s %s\n' $(1) $(patsubst $(TOP)/%,%,$(2)))

.DELETE_ON_ERROR:

$(LDS): $(LIB_DIR)/guest.lds.S $(LIB_DIR)/layout.h
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -E -P -undef -x c -o $@ $<

# $(call compile,FORMAT,NAME,DIRECTORY): how its sources become objects.
define compile
$(OBJ)/$(1)/$(2)/%.o: $(3)/%
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$$(CC) $$(GUEST_CFLAGS) -I$(LIB_DIR)/$(1) -I$(3) -c -o $$@ $$<

-include $(wildcard $(OBJ)/$(1)/$(2)/*.d)
endef

# $(call library,FORMAT)
define library
$(call compile,$(1),lib,$(LIB_DIR))

$(OBJ)/$(1)/libguest.a: $(patsubst $(LIB_DIR)/%,$(OBJ)/$(1)/lib/%.o,$(LIB_SRC))
	@rm -f $$@
	$$(call say,AR,$$@)
	$$(Q)$$(AR) rcs $$@ $$^
endef

$(foreach f,$(FORMATS),$(eval $(call library,$(f))))

# What is in a guest's directory but for other purposes.
NOT_IN_GUESTS :=
guest-sources = $(filter-out $(NOT_IN_GUESTS),$(wildcard $(1)/*.c $(1)/*.S))

# $(call guest-of,FORMAT,NAME,DIRECTORY,ELF-FILE)
define guest-of
$(call compile,$(1),$(2),$(3))

$(4): $(OBJ)/$(1)/lib/start.S.o $(OBJ)/$(1)/libguest.a $(LDS) \
		$(patsubst $(3)/%,$(OBJ)/$(1)/$(2)/%.o,$(call guest-sources,$(3)))
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$$(Q)$$(LD) $$(GUEST_LDFLAGS) -T $$(LDS) -o $$@ \
		$$(filter %.o,$$^) $$(filter %.a,$$^)
endef

# $(call guest,NAME,DIRECTORY,ELF-FILE)
define guest
$(foreach f,$(FORMATS),$(eval \
	$(call guest-of,$(f),$(1),$(2),$(3)$(SUFFIX_$(f)))))
endef
