// SPDX-License-Identifier: GPL-2.0
/*
 * tiny: an operating system in miniature.  Address spaces and a preemptive
 * scheduler, system calls through a direct trap gate, fork with copy-on-write,
 * programs and files on a disk.  What the kernel of a paravirtualised guest
 * has to do is all here, and little else.
 */
#include "tiny.h"

int main(void)
{
	paging_init();
	printf("tiny: %u MB of memory, %u pages free, %s page tables\n",
	       boot_info.mem_size >> 20, pages_left(), FORMAT_NAME);
	sched_init();
	vm_init();
	procs_init();
	fpu_init();
	faults_init();
	syscall_init();
	disk_init();
	proc_start_first();
	idle_loop();
}
