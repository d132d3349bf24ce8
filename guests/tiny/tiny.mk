# SPDX-License-Identifier: GPL-2.0
#
# tiny's programs, the tool for its disk images, and the image.

# The tool is built twice: for this machine, which may be unable to run programs of 32
# bits, and for i386 where that can be linked, for a host VM of 32 bits.
HOSTCC ?= gcc
M32 := $(shell echo 'int main(void) { return 0; }' | \
	gcc -m32 -static -x c -o /dev/null - 2>/dev/null && echo -m32)
MKFS := $(OBJ)/tiny/mkfs
VM_MKFS := $(OUT)/guests/mkfs.tiny
USER_OBJ := $(OBJ)/tiny/user

# What every program is linked with; the rest of user/ is one program a file.
# No program knows the kernel's era or page tables: any library will do.
USER_LIB_SRC := tiny/user/ulib.c
USER_LIB := $(USER_OBJ)/crt0.S.o $(USER_OBJ)/ulib.c.o \
	$(addprefix $(OBJ)/2.6.23/2level/lib/,string.c.o printf.c.o date.c.o)
PROGRAMS := $(patsubst tiny/user/%.c,%,$(filter-out $(USER_LIB_SRC),\
	$(wildcard tiny/user/*.c)))
PROGRAM_ELFS := $(addprefix $(USER_OBJ)/,$(PROGRAMS))

$(USER_OBJ)/%.o: tiny/user/%
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(GUEST_CFLAGS) $(addprefix -I$(LIB_DIR)/,2.6.23 2level classic) -Itiny -c -o $@ $<

$(PROGRAM_ELFS): %: %.c.o $(USER_LIB) tiny/user/user.lds
	$(call say,LD,$@)
	$(Q)$(LD) $(GUEST_LDFLAGS) -s -T tiny/user/user.lds -o $@ \
		$(filter %.o,$^)

$(VM_MKFS): MKFS_FLAGS := $(M32) -static

$(MKFS) $(VM_MKFS): tiny/mkfs.c tiny/fs.c tiny/cache.c tiny/fs.h tiny/abi.h tiny/tiny.mk
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(MKFS_FLAGS) -O2 -Wall -Wextra -Wno-sign-compare -std=gnu11 -o $@ \
		$(filter %.c,$^)

$(TINY).img: $(MKFS) $(PROGRAM_ELFS) tiny/readme.txt
	$(call say,MKFS,$@)
	$(Q)$(MKFS) $@ create $(PROGRAM_ELFS) tiny/readme.txt

-include $(wildcard $(USER_OBJ)/*.d)
.SECONDARY:
