#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# Does the launcher's filter of system calls (launcher/sandbox) admit what
# the launcher calls once it is in force?
#
#	usage: filter.pl 32|64 LAUNCHER OBJECT...
#
# LAUNCHER is the directory.  The objects are the launcher's, of so many bits, compiled with -ffunction-sections -fdata-sections
# and without inlining, so that their relocations tell who uses whom.  Whatever is
# called or pointed to counts as used, but for what is known to be done with before
# the filter is there, or not to be under it (BEFORE).  What a function of the C
# library takes is in %TAKES: who calls a new one has to say so here.

use strict;
use warnings;

# Makers of devices, verbs, and whoever is the parent (who also removes the control
# socket), or a server's child until it is another program; and what is done only
# where there is no filter.
my @BEFORE = (
	qw(main vm_start device_options),
	qw(list_main control_main balloon_main stop_main run_main classic_main help_main version_main),
	qw(balloon_create console_create disk_create net_option_create rng_create disk_keep
	   console_keep),
	qw(share_create tap_create tap_create_bridged passt_create kinds),
	qw(supervise plan_print dump_open make_part dump_finish control_remove restart_now terminal_use virtio_batch_prepare),
	qw(root_create share_shares root_shares vhost_user_greet vhost_user_share vhost_user_add),
	qw(vhost_user_watch initrd_main plan_print),
);

my %TAKES = (
	accept4 => 'accept4', clock_gettime => 'clock_gettime64 clock_gettime',
	close => 'close', dprintf => 'write', epoll_ctl => 'epoll_ctl',
	eventfd => 'eventfd2', exit => 'exit_group write', _exit => 'exit_group',
	fdatasync => 'fdatasync', fflush => 'write', fsync => 'fsync',
	ftruncate64 => 'ftruncate64', fallocate64 => 'fallocate', madvise => 'madvise', getpid => 'getpid', getrandom => 'getrandom',
	getsockopt => 'getsockopt', ioctl => 'ioctl', isatty => 'ioctl', kill => 'kill',
	lseek64 => '_llseek', mmap64 => 'mmap2', munmap => 'munmap',
	nanosleep => 'clock_nanosleep_time64', poll => 'poll', ppoll => 'ppoll_time64',
	posix_fallocate64 => 'fallocate', pread64 => 'pread64', preadv64 => 'preadv',
	pwrite64 => 'pwrite64', pwritev64 => 'pwritev', read => 'read', readv => 'readv',
	recv => 'recvfrom', recvmsg => 'recvmsg', send => 'sendto', sendmsg => 'sendmsg',
	shutdown => 'shutdown', tcgetattr => 'ioctl', tcsetattr => 'ioctl',
	tcgetpgrp => 'ioctl', timerfd_settime => 'timerfd_settime64',
	unlinkat => 'unlinkat', usleep => 'clock_nanosleep_time64', waitpid => 'wait4',
	write => 'write', writev => 'writev',
	(map { $_ => 'brk mmap2 munmap mremap madvise' }
		qw(malloc calloc realloc free strdup)),
	(map { $_ => 'rt_sigaction' } qw(sigaction signal)),
	(map { $_ => 'rt_sigprocmask' } qw(sigprocmask pthread_sigmask)),
	(map { $_ => 'write' } qw(fputs fputc fprintf vfprintf fwrite printf puts)),
	(map { $_ => 'futex futex_time64' }
		qw(pthread_timedjoin_np pthread_join pthread_mutex_lock pthread_mutex_unlock
		   pthread_mutex_trylock pthread_cond_wait pthread_cond_signal
		   pthread_cond_broadcast sem_wait sem_post)),
	pthread_create => 'clone mmap2 mprotect rt_sigprocmask set_robust_list rseq',
	pthread_kill => 'tgkill getpid',
);

# Those calls that have two sizes in i386, and in amd64 one.
my %IN_64 = (
	clock_gettime64 => 'clock_gettime', ftruncate64 => 'ftruncate', _llseek => 'lseek',
	mmap2 => 'mmap', clock_nanosleep_time64 => 'clock_nanosleep', ppoll_time64 => 'ppoll',
	timerfd_settime64 => 'timerfd_settime', futex_time64 => 'futex',
);

# None.
my %PURE = map { $_ => 1 } qw(
	__ctype_b_loc __errno_location __isoc99_sscanf __stack_chk_fail __udivdi3
	__libc_current_sigrtmin __libc_current_sigrtmax _GLOBAL_OFFSET_TABLE_
	environ optarg optind reason stderr stdout
	atexit inet_pton memchr memcmp memcpy memmem memmove memset pthread_equal pthread_self qsort
	sem_init sigaddset sigdelset sigemptyset sigfillset snprintf sprintf strchr strcmp strcspn
	strcpy strerror strlen strncmp strncpy strnlen strrchr strsep strsignal strspn strstr
	strtok_r strtoul strtoull vsnprintf
);

my ($bits, $launcher, @objects) = @ARGV;
my (%uses, %global, %before, %direct);
@before{@BEFORE} = ();

# Whom syscall() is asked for is only in the source: by file and function.
sub read_direct {
	my ($file) = @_;
	my ($source) = glob "$launcher/*/$file.c";
	my $function = '';

	open my $fh, '<', $source or die "$0: $source: $!\n";
	while (<$fh>) {
		$function = $1 if /^[a-z].*?(\w+)\(/;
		push @{$direct{"$file:$function"}}, $1 if /\bsyscall\((?:SYS|__NR)_(\w+)/;
	}
}

# A section's name has the function's or the variable's.
sub thing {
	my ($section) = @_;

	return $section =~ /^\.(?:text|rodata|data|bss)(?:\.rel\.ro\.local|\.rel\.ro|\.rel\.local|\.rel)?(?:\.unlikely)?\.([^.]+)/
		? $1 : $section;
}

for my $object (@objects) {
	my ($file) = $object =~ m,([^/]+)\.o$,;
	my $user;

	read_direct($file);
	for (`objdump -t $object`) {
		next unless /^\S+ g.{6} (\S+)\t\S+ (?:\.hidden )?(\S+)$/;
		my ($section, $name) = ($1, $2);
		$global{$name} = "$file:" . thing($section);
	}
	for (`objdump -r $object`) {
		$user = "$file:" . thing($1) if /^RELOCATION RECORDS FOR \[(.*)\]/;
		next unless /^[0-9a-f]+ R_(?:386|X86_64)_\S+ +([\w.]+)/;
		my $used = $1;
		push @{$uses{$user}}, $used =~ /^\./ ? "$file:" . thing($used) : $used;
	}
}

# Those that the launcher has, by where they are.
sub place {
	my ($name) = @_;

	return $name if $name =~ /:/;
	return $global{$name};
}

my @roots = map { place($_) // die "$0: there is no $_\n" } qw(
	waker_start loop_start control_start classic_transport virtio_transport machine:run
	era:eras terminal_restore supervise_restart
	signals:polite_handler signals:fatal_handler signals:stop_handler
	signals:continue_handler signals:forbidden_handler signals:stray_handler
	hold:wake terminal:looker console:keys visitors:welcome visitors:room
	window:looker
	gdb:serve gdb:somebody_calls dumps:dump_here
);
push @roots, grep { defined } map { place($_) } @{$uses{'machine:live'}}, 'vm_undo';

# What makers of devices leave behind to be called later: tables, and functions that
# end up in structures.
for my $user (keys %uses) {
	my ($name) = $user =~ /:(.*)/;
	push @roots, $user if $name =~ /(_ops|_driver|_close|\blost|^control_verbs)$/;
}

my (%seen, %calls);
my @todo = @roots;
while (my $user = shift @todo) {
	next if $seen{$user}++;
	my ($name) = $user =~ /:(.*)/;
	next if exists $before{$name};
	for my $used (@{$uses{$user} // []}) {
		my $place = place($used);
		if (defined $place) {
			push @todo, $place;
		} else {
			$calls{$used}{$user} = 1;
		}
	}
}

my %admitted;
for my $file ("$launcher/sandbox/sandbox.c", "$launcher/sandbox/calls_$bits.c") {
	open my $fh, '<', $file or die "$0: $file: $!\n";
	$admitted{$_} = 1 for do { local $/; <$fh> } =~ /__NR_(\w+)/g;
}
my $bad = 0;
for my $call (sort keys %calls) {
	my $who = join ', ', sort keys %{$calls{$call}};

	next if $PURE{$call} || $call =~ /^__(start|stop)_/;
	$TAKES{$call} = join ' ', map { @{$direct{$_} // []} } keys %{$calls{$call}}
		if $call eq 'syscall';
	if (!$TAKES{$call}) {
		print "$call() is called by $who: which system calls does it take? (see $0)\n";
		$bad = 1;
		next;
	}
	for (grep { !$admitted{$_} }
		map { $bits == 64 && $IN_64{$_} || $_ } split ' ', $TAKES{$call}) {
		print "$call() is called by $who, but the filter does not admit $_()\n";
		$bad = 1;
	}
}
if (!%calls || !$calls{poll} || !$calls{tcsetattr}) {
	print "nothing is called: are these the launcher's objects?\n";
	$bad = 1;
}
exit $bad;
