// SPDX-License-Identifier: GPL-2.0
/*
 * System calls.  The gate is a trap gate, which the host installs in the real
 * table: "int $0x80" comes from ring 3 straight to the stub, and the host
 * never knows.  The price: the first instructions run with interrupts on.
 */
#include "tiny.h"
#include "fs.h"

typedef int (*syscall)(struct trap_frame *f);

static int sys_exit(struct trap_frame *f)
{
	proc_exit(f->ebx & 0xff);
}

static int sys_fork(struct trap_frame *f)
{
	return proc_fork(f);
}

static int sys_wait(struct trap_frame *f)
{
	u32 status = 0;
	int pid;

	if (f->ecx && !vm_reach(f->ecx, sizeof(status), true))
		return -EFAULT;
	pid = proc_wait(f->ebx, &status, !(f->edx & WAIT_NOHANG));
	/* Still reachable: the process slept, and nobody else changes it. */
	if (pid > 0 && f->ecx)
		*(u32 *)f->ecx = status;
	return pid;
}

static int name_arg(u32 addr, char *name)
{
	int len = vm_string(addr, name, NAME_SIZE);

	return min(len, 0);
}

static int sys_exec(struct trap_frame *f)
{
	char name[NAME_SIZE];
	int err = name_arg(f->ebx, name);

	return err ? err : exec(name, f->ecx, f);
}

static int sys_open(struct trap_frame *f)
{
	char name[NAME_SIZE];
	int err = name_arg(f->ebx, name);

	return err ? err : file_open(name, f->ecx);
}

static int sys_close(struct trap_frame *f)
{
	return file_close(f->ebx);
}

static int sys_read(struct trap_frame *f)
{
	if (!vm_reach(f->ecx, f->edx, true))
		return -EFAULT;
	return file_read(f->ebx, (void *)f->ecx, f->edx);
}

static int sys_write(struct trap_frame *f)
{
	if (!vm_reach(f->ecx, f->edx, false))
		return -EFAULT;
	return file_write(f->ebx, (const void *)f->ecx, f->edx);
}

static int sys_unlink(struct trap_frame *f)
{
	char name[NAME_SIZE];
	int err = name_arg(f->ebx, name);

	return err ? err : file_unlink(name);
}

static int sys_getpid(struct trap_frame *f __unused)
{
	return current->pid;
}

static int sys_yield(struct trap_frame *f __unused)
{
	schedule();
	return 0;
}

static int sys_sleep(struct trap_frame *f)
{
	sleep_ms(f->ebx);
	return 0;
}

static int sys_sbrk(struct trap_frame *f)
{
	return vm_sbrk(f->ebx);
}

static int sys_kill(struct trap_frame *f)
{
	return proc_kill(f->ebx);
}

static int sys_proc_info(struct trap_frame *f)
{
	if (!vm_reach(f->ecx, sizeof(struct proc_info), true))
		return -EFAULT;
	return proc_info(f->ebx, (struct proc_info *)f->ecx);
}

static int sys_file_info(struct trap_frame *f)
{
	int err;

	if (!vm_reach(f->ecx, sizeof(struct file_info), true))
		return -EFAULT;
	fs_lock();
	err = fs_info(f->ebx, (struct file_info *)f->ecx);
	fs_unlock();
	return err;
}

static u32 count_files(void)
{
	struct file_info info;
	u32 ino, count = 0;

	for (ino = 0; ino < fs_files_max(); ino++)
		count += !fs_info(ino, &info);
	return count;
}

static int sys_sys_info(struct trap_frame *f)
{
	struct sys_info *info = (struct sys_info *)f->ebx;

	if (!vm_reach(f->ebx, sizeof(*info), true))
		return -EFAULT;
	fs_lock();
	*info = (struct sys_info){
		.uptime_ms = uptime_ms(),
		.utc = wallclock().sec,
		.mem_free = pages_left(),
		.mem_total = boot_info.mem_size / PAGE_SIZE,
		.disk_free = fs_blocks_free(), .disk_total = fs_blocks(),
		.block_size = FS_BLOCK,
		.files = count_files(), .files_max = fs_files_max(),
		.switches = switches, .preemptions = preemptions,
		.cow_copies = cow_copies,
	};
	fs_unlock();
	return 0;
}

static int sys_sync(struct trap_frame *f __unused)
{
	int err;

	fs_lock();
	err = fs_sync();
	fs_unlock();
	return err;
}

static int sys_foreground(struct trap_frame *f)
{
	foreground = f->ebx;
	return 0;
}

static int sys_power_off(struct trap_frame *f)
{
	int err = sys_sync(f);

	if (err)
		printf("tiny: FAILED to write the disk: error %d\n", err);
	power_off();
}

static const syscall table[SYS_COUNT] = {
	[SYS_EXIT] = sys_exit, [SYS_FORK] = sys_fork, [SYS_WAIT] = sys_wait,
	[SYS_EXEC] = sys_exec, [SYS_OPEN] = sys_open, [SYS_CLOSE] = sys_close,
	[SYS_READ] = sys_read, [SYS_WRITE] = sys_write,
	[SYS_UNLINK] = sys_unlink, [SYS_GETPID] = sys_getpid,
	[SYS_YIELD] = sys_yield, [SYS_SLEEP] = sys_sleep,
	[SYS_SBRK] = sys_sbrk, [SYS_KILL] = sys_kill,
	[SYS_PROC_INFO] = sys_proc_info, [SYS_FILE_INFO] = sys_file_info,
	[SYS_SYS_INFO] = sys_sys_info, [SYS_SYNC] = sys_sync,
	[SYS_FOREGROUND] = sys_foreground, [SYS_POWER_OFF] = sys_power_off,
};

static void system_call(struct trap_frame *frame)
{
	u32 number = frame->eax;
	int result = -EINVAL;

	irq_disable();
	if (!from_user(frame))
		panic("system call in the kernel");
	if (number < SYS_COUNT)
		result = table[number](frame);
	/* exec() has made a new frame: its registers are all zero. */
	if (number != SYS_EXEC || result)
		frame->eax = result;
	before_user();
}

void syscall_init(void)
{
	set_trap_handler(SYSCALL_VECTOR, system_call);
}
