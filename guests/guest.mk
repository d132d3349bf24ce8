# SPDX-License-Identifier: GPL-2.0
#
# How a directory becomes a guest.  Include this, then say
#	$(eval $(call guest,NAME,DIRECTORY,ELF-FILE))
# Every .c and .S file of the directory is compiled and linked with the guest
# library.  TOP is the top of the tree; products go below $(TOP)/build.

TOP ?= ..
OUT := $(TOP)/build
LIB_DIR := $(TOP)/guests/lib
OBJ := $(OUT)/guests/obj

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
LIB_OBJ := $(patsubst $(LIB_DIR)/%,$(OBJ)/lib/%.o,$(LIB_SRC))
LIB := $(OBJ)/lib/libguest.a
START := $(OBJ)/lib/start.S.o
LDS := $(OBJ)/lib/guest.lds

# V=1 shows the commands instead of their names.
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-7s %s\n' $(1) $(patsubst $(TOP)/%,%,$(2)))

.DELETE_ON_ERROR:

$(OBJ)/lib/%.o: $(LIB_DIR)/%
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(GUEST_CFLAGS) -c -o $@ $<

$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^

$(LDS): $(LIB_DIR)/guest.lds.S $(LIB_DIR)/layout.h
	@mkdir -p $(@D)
	$(Q)$(CC) -m32 -E -P -undef -x c -o $@ $<

# $(call guest-objects,NAME,DIRECTORY); NOT_IN_GUESTS are for other purposes.
NOT_IN_GUESTS :=
guest-objects = $(patsubst $(2)/%,$(OBJ)/$(1)/%.o,$(filter-out \
	$(NOT_IN_GUESTS),$(wildcard $(2)/*.c $(2)/*.S)))

# $(call guest,NAME,DIRECTORY,ELF-FILE)
define guest
$$(OBJ)/$(1)/%.o: $(2)/%
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$$(CC) $$(GUEST_CFLAGS) -I$(2) -c -o $$@ $$<

$(3): $$(START) $(call guest-objects,$(1),$(2)) $$(LIB) $$(LDS)
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$$(Q)$$(LD) $$(GUEST_LDFLAGS) -T $$(LDS) -o $$@ $$(filter %.o %.a,$$^)

-include $(patsubst %.o,%.d,$(call guest-objects,$(1),$(2)))
endef

-include $(LIB_OBJ:.o=.d) $(START:.o=.d)
