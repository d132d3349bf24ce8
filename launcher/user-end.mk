# SPDX-License-Identifier: GPL-2.0
#
# For Makefiles of 32-bit programs that leave low addresses to guests: where user space
# ends on the host, 0xC0000000 unless its kernel has another CONFIG_PAGE_OFFSET.  What is
# linked by that depends on $(USER_END_IS), which changes with it.

USER_END ?= 0xC0000000
USER_END_IS := $(BUILD)/user-end

$(USER_END_IS): FORCE
	@mkdir -p $(@D)
	@echo $(USER_END) | cmp -s - $@ || echo $(USER_END) > $@

FORCE:
.PHONY: FORCE
# (a Makefile's own first target is what it makes)
.DEFAULT_GOAL :=
