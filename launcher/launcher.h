/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The launcher's one internal header: its limits, its structures, and the
 * prototypes grouped by file.
 *
 * Three layers: the models (console.c, disk.c, net.c, share.c, rng.c, files.c) know what
 * a device does, and nothing of guests; a transport (classic*.c for 2.6.23,
 * virtio*.c and vring.c from 2.6.24 on) shows models to a guest; the machine
 * (machine.c, kernel.c, boot.c, waker.c, host.c) starts a guest and runs it.
 * What depends on the guest's release is in the table of era.c.
 */
#ifndef LAUNCHER_H
#define LAUNCHER_H

#include <elf.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdnoreturn.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <linux/lguest.h>
#include <linux/lguest_launcher.h>

#define LAUNCHER_VERSION	"0.1"

#define PAGE_BYTES		4096u
#define MIB			(1024u * 1024u)

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define __printf(fmt, args)	__attribute__((format(printf, fmt, args)))

/* What the launcher exits with; by signal n it dies of that signal. */
enum exit_status {
	STATUS_POWER_OFF	= 0,
	STATUS_CRASH		= 1,
	STATUS_SETUP		= 2,
	STATUS_USER		= 3,
	STATUS_TIMEOUT		= 124,	/* as timeout(1) */

	/* Of "run ... -- COMMAND", where the others are the command's own. */
	STATUS_GUEST_DIED	= 120,
	STATUS_GUEST_ENDED	= 121,
	STATUS_COMMAND_USER	= 122,
	STATUS_COMMAND_SETUP	= 125,
	STATUS_COMMAND_NOT_RUN	= 126,
	STATUS_COMMAND_NOT_FOUND = 127,
};

/* report.c: messages on stderr, all beginning with "lguest: " */
extern bool verbose;

void report_to_terminal(bool (*wants_cr)(int fd));
void fresh_line(void);
void complain(const char *fmt, ...) __printf(1, 2);
void explain(const char *fmt, ...) __printf(1, 2);
noreturn void give_up(const char *fmt, ...) __printf(1, 2);
void failure_is(enum exit_status status);
enum exit_status failure_status(void);
bool first_time(bool *said);
void printable(char *text);

/*
 * memory.c: guest-physical memory, as the launcher reaches it
 *
 * Addresses that GETDMA returns come back as the result of write(), where
 * those with the top bit would look like errors: hence the upper limit, which
 * includes the device pages.
 */
#define MEMORY_TOP		0x80000000u
#define DEVICE_PAGES		(1u + LGUEST_MAX_DEVICES)
#define MEMORY_MAX		(MEMORY_TOP - DEVICE_PAGES * PAGE_BYTES)
#define MEMORY_MIN		MIB
#define MEMORY_DEFAULT		(64 * MIB)

struct memory {
	char *base;		/* address of guest-physical 0 */
	__u32 ram;		/* bytes of RAM; the device page is there */
	__u32 limit;		/* bytes that the guest may name */
};

struct era;
void memory_map(struct memory *mem, const struct era *era, __u32 ram);
bool memory_has(const struct memory *mem, __u32 addr, __u32 len);
void *memory_at(const struct memory *mem, __u32 addr);
bool memory_discard(const struct memory *mem, __u32 addr, __u32 len);
__u64 memory_resident(void);

/* elf.c: which files are kernels */
#define KERNEL_SEGMENTS_MAX	64	/* kernels have four; a table of more is no kernel's */

struct kernel_segment {
	__u32 offset;		/* in the file */
	__u32 filesz;
	__u32 paddr;		/* in the guest */
	__u32 memsz;
};

struct kernel_image {
	__u32 page_offset;	/* virtual minus physical */
	__u32 low;		/* bounds of what is loaded */
	__u32 high;
	bool disagree;		/* about page_offset */
	__u32 entry;		/* of an ELF file */
	__u32 header;		/* bytes of a bzImage's boot parameters */
	unsigned int nr;
	struct kernel_segment segment[KERNEL_SEGMENTS_MAX];
};

const char *elf_check_header(const void *head, size_t len, __u64 file_size);
const char *elf_check_whole(const Elf32_Phdr *ph, unsigned int nr, __u64 file_size);
const char *elf_check_segments(const Elf32_Phdr *ph, unsigned int nr,
			       __u64 file_size, struct kernel_image *image);
const char *elf_check_page_offset(const struct kernel_image *image);
const char *elf_check_entry(const struct kernel_image *image);
const char *elf_find_entry(const struct memory *mem,
			   const struct kernel_image *image, __u32 *entry);

/* boot.c: what a guest finds in its memory when it starts */
#define BOOT_PARAMS_END		(2 * PAGE_BYTES) /* parameters, command line */
#define COMMAND_LINE_MAX	(PAGE_BYTES - 1)

struct boot {
	__u32 ram;		/* that the guest has */
	__u32 top;		/* what it is given with its kernel is below */
	__u32 initrd;
	__u64 initrd_size;
	int initrd_fd;		/* -1: there is none */
	bool agent;		/* before that is the agent's */
	__u32 pgdir;
	__u32 start;
	__u32 page_offset;
};

struct config;
struct kernel_file;
__u32 boot_build_tables(const struct memory *mem, __u32 pgdir, __u32 page_offset);
void boot_tell_memory(const struct memory *mem, __u32 ram);
void boot_write_params(const struct memory *mem, const char *cmdline,
		       __u32 initrd, __u32 initrd_len);
void boot_write_header(const struct memory *mem, __u32 alignment);
void boot_plan(const struct kernel_file *kernel, const struct config *config, struct boot *boot);
void boot_load(const struct memory *mem, struct kernel_file *kernel,
	       const struct config *config, struct boot *boot);

/* options.c: values of options, and the configuration that they make */
#define CONFIG_DEVICES_MAX	LGUEST_MAX_DEVICES

#define CLASSIC_ALIASES		3

struct model;
struct era;

/* What a device's file says of its option; found through a linker section. */
struct device_option {
	const char *name;
	const char *argument;	/* NULL if it has none */
	const char *help;
	char letter;
	const char *standard;	/* the value if the option is not given */
	const char *with_command; /* likewise, if the guest is to run a command */
	bool single;		/* may be given once */
	bool spare;		/* the standard one is left out if there is no room */
	/* Has this guest the device at all?  NULL: always. */
	bool (*wanted)(const struct era *era, const char *spec);
	/* Makes what is to outlive a restart, if there is any; may be NULL. */
	bool (*keep)(const char *spec);
	struct model *(*create)(const char *spec);
	struct classic_alias {
		const char *name;	/* option of the classic form */
		const char *starts;	/* only for values that begin with this; NULL: all */
		const char *prefix;	/* put before the rest of the value */
		bool mac;		/* a colon and an address may be at its end */
	} classic[CLASSIC_ALIASES];
};

#define DEVICE_OPTION(option) \
	static const struct device_option *const option##_entry \
	__attribute__((used, section("device_options"))) = &(option)

/* Bounds of that section, made by the linker; only for options.c. */
extern const struct device_option *const __start_device_options[];
extern const struct device_option *const __stop_device_options[];

/* Number @i of them, in no order that matters; NULL after the last. */
const struct device_option *device_option(unsigned int i);

struct config {
	__u32 memory;
	__u32 release;		/* of the kernel; 0: find out */
	const char *kernel;
	const char *initrd;
	const char *name;
	char cmdline[COMMAND_LINE_MAX + 1];
	const char *words[2];	/* that are no options' */
	char **command;		/* for the guest to run, or NULL */
	bool agent;		/* it gets lguest's agent */
	bool stats;
	const char *gdb;		/* where it finds the guest */
	const char *dump;		/* file, if the guest dies */
	const char *user;
	const char *chroot;
	bool no_seccomp;
	__u64 timeout;		/* ms; 0: none */
	bool no_restart;
	unsigned int restart_limit;
	unsigned int nr_devices;
	struct {
		const struct device_option *option;
		char *spec;
	} device[CONFIG_DEVICES_MAX];
};

const char *config_memory(struct config *config, const char *text);
const char *config_timeout(struct config *config, const char *text);
const char *config_restart_limit(struct config *config, const char *text);
const char *config_release_of(struct config *config, const char *text);
const char *config_cmdline(struct config *config, const char *text);
const char *config_device(struct config *config, const struct device_option *opt,
			  const char *prefix, const char *spec);
const char *config_finish(struct config *config);
void config_release(struct config *config);

/* What a verb knows of its options, besides getopt's own description. */
#define OPTIONS_MAX		64

struct option_set {
	struct option all[OPTIONS_MAX];	/* ends with one that is zero */
	const char *letters;
	bool one_dash;			/* also before long options */
	bool classic;			/* it is that form */
	const char *(*apply)(struct config *config, int c);
};

/* near.c: words that are almost right */
bool near_word(const char *word, const char *right);

int config_options(struct config *config, const struct option_set *set,
		   int argc, char **argv);
bool option_is_listed(const struct option_set *set, const char *word);
int config_run(int argc, char **argv, void (*usage)(void), const char *hint,
	       int (*parse)(int argc, char **argv, struct config *config));

#define SOCKETS_NAME_MAX	63
#define SOCKETS_PATH_MAX	108	/* a socket's whole name has no more */

#define CONTROL_REPLY_MAX	4096u
#define CONTROL_OK		"ok\n"

/* cmd_*.c: the verbs */
int run_main(int argc, char **argv);
void run_usage(void);
bool run_knows(const char *word);
int run_parse(int argc, char **argv, struct config *config);
bool classic_knows(const char *word);
int classic_main(int argc, char **argv);
int classic_parse(int argc, char **argv, struct config *config);
void classic_usage(void);
int control_main(int argc, char **argv);
int stop_main(int argc, char **argv);
int list_main(int argc, char **argv);
int wait_main(int argc, char **argv);
int balloon_main(int argc, char **argv);
int dump_main(int argc, char **argv);
void control_usage(void);
bool control_verb(const char *word);
ssize_t control_hear(int fd, char reply[CONTROL_REPLY_MAX + 1], int patience);
bool control_is_ok(const char *reply);
int control_failed(const char *name);
bool control_is_help(const char *word);
int control_misused(const char *what);
int help_main(int argc, char **argv);
int version_main(int argc, char **argv);

/* host.c: /dev/lguest */
#define HOST_REPLY_MAX		1024	/* a notice, or a reason with its NUL */

int host_minor(const char *list);
bool host_locked_down(const char *modes);
void host_open(void);
void host_initialize(__u32 release, const struct memory *mem, const struct boot *boot);
ssize_t host_run(void *reply, size_t len);
bool host_dead(void);
int host_getdma(__u32 key, __u32 *addr);
void host_irq(__u32 irq);
bool host_stats(char *text, size_t len);
__u64 host_rests(void);
void host_eventfd(__u32 addr, int event);
void host_print_stats(void);
__u32 host_debug_offers(void);
bool host_debug(__u32 what);
bool host_get_registers(struct lguest_debug_regs *regs);
bool host_set_registers(const struct lguest_debug_regs *regs);
void host_pass_breakpoint(void);
void host_close(void);

/* hold.c: how others stop the guest, and hold it */
void hold_setup(void);
void hold_tell(void (*changed)(void));
void hold_stop(void);
bool hold_stopped(void);
bool hold_ending(void);
void hold_pause(void);
void hold_resume(void);
bool hold_asked(void);
bool hold_paused(void);
void hold_here(void);

/* Both are done in the guest's thread, while that holds the guest. */
void hold_debugged(void (*serve)(void));
void hold_debug(bool on);
void hold_for_dump(bool on);
void hold_dumped(void (*dump)(void));

/* sockets.c: the directory of the control sockets */
int sockets_open(char path[SOCKETS_PATH_MAX], bool make);
bool sockets_good_name(const char *name);
int sockets_call(int dir, const char *path, const char *name);
int sockets_listen(int dir, const char *path, const char *name);
bool sockets_trusted(int fd);

/* sock.c: calls for sockets that the filter of system calls can look into */
struct ucred;

ssize_t sock_send(int fd, const void *data, size_t len, int flags);
ssize_t sock_receive(int fd, void *data, size_t room, int flags);
int sock_accept(int fd, int flags);
void sock_shutdown(int fd);
bool sock_peer(int fd, struct ucred *peer);

/* control.c: the commands for a running guest */
void control_open(const struct config *config);
void control_start(void);
void control_end(int status);
void control_lend(void);
void control_remove(void);

/* sandbox.c: what the launcher gives up */
void sandbox_find_user(const struct config *config);
bool sandbox_become_user(void);
uid_t sandbox_user(void);
void sandbox_enter(const struct config *config);
bool sandbox_supervised(const struct config *config, bool restarts);

/* server.c: programs beside the launcher, each the server of a device */
#define SERVER_FD		3	/* its end of the socket */

struct server {
	const char *name;
	pid_t pid;		/* 0: its end is known */
	int socket;		/* ours; all that comes back is not to be trusted */
	int process;		/* a pidfd */
	int words;		/* what it prints, if that is kept; else -1 */
	bool killed;		/* in the end; it does not hear of its socket's */
};

void server_start(struct server *server, const char *option, const char *package,
		  char *const argv[]);
void server_start_prepared(struct server *server, const char *option, const char *package,
			   char *const argv[], bool (*prepare)(void));
void server_start_in(struct server *server, const char *option, const char *package,
		     char *const argv[], const char *directory, bool read_only);
bool server_ended(struct server *server, int *status);
void server_lost(struct server *server, const char *loss);
void server_close(struct server *server);

/* confine.c: a server that sees one directory, and what it is called there */
#define CONFINED_DIRECTORY	"/shared"
#define CONFINED_PROGRAM	"/program"
#define CONFINED_NULL		"/null"

pid_t confine_fork(void);
bool confine(const char *program, const char *directory, bool read_only);

/* supervise.c: who starts a guest anew */
#define SUPERVISE_DEATH	SIGPWR	/* its child hears that it is no more */

void supervise(void);
void supervise_follow(void);
void supervise_restart(void);

/* waker.c: gets the launcher out of read() when there is input */
#define WAKER_WATCHES		LGUEST_IRQS

void waker_watch(unsigned int slot, int fd);
void waker_retry(int milliseconds);
void waker_start(void);
bool waker_calls(void);
void waker_release(void);
void waker_rest(bool on);
void waker_attention(void);

/* signals.c: how the launcher is told to stop, and what it leaves behind */
void signals_setup(void);
void signals_when_asked(void (*hear)(void));
void signals_at_end(void (*clean_up)(void));
void signals_supervisor(pid_t pid);
void signals_supervise(pid_t (*child)(void));
void signals_forget(void);
void signals_offer(bool (*take)(int sig), void (*resize)(void));
int signals_caught(void);
void signals_pretend(int sig);
noreturn void signals_die(int sig);

/* newline.c: one \r for each line */
enum newline {
	NEWLINE_AS_IS,
	NEWLINE_ADD_CR,		/* the terminal does not */
	NEWLINE_DROP_CR,	/* the terminal does */
};

struct newlines {
	char last;		/* byte of the text */
	bool held;		/* a \r that may have to be dropped */
};

size_t newlines_convert(struct newlines *state, enum newline how, const char *from, size_t *len,
			char *to, size_t room);

/* terminal.c: raw mode, and the way back */
void terminal_use(void);
bool terminal_look(void);
int terminal_keys_fd(void);
enum newline terminal_newlines(int fd);
void terminal_restore(void);
void terminal_again(void);
void terminal_share(void);

/* fd.c */
bool fd_readable(int fd);

/* size.c */
int parse_size(const char *text, __u64 *bytes);

/* clock.c */
__u64 clock_ms(void);

/* machine.c: one guest from start to end */
int machine_run(const struct config *config);

/* restart.c */
void restart_remember(int argc, char **argv);
void restart_prepare(void);
void restart_happens(void);
bool restart_is(void);
bool restart_storm(unsigned int limit);
void restart_keep(const void *input, size_t len);
size_t restart_kept(void *input, size_t len);
noreturn void restart_now(void);

/* iov.c: lists of pieces of memory */
size_t iov_bytes(const struct iovec *iov, int nr);
int iov_shorten(struct iovec *iov, int nr, size_t bytes);
int iov_skip(struct iovec *iov, int nr, size_t bytes);
size_t iov_fill(const struct iovec *iov, int nr, const void *from, size_t len);
size_t iov_copy(void *to, const struct iovec *iov, int nr, size_t len);
size_t iov_copy_from(void *to, const struct iovec *iov, int nr, size_t skip, size_t len);
int iov_cut(struct iovec *iov, size_t bytes, size_t *rest);

/* dma.c: the classic scatter-gather list */
int dma_fetch(const struct memory *mem, __u32 addr, struct lguest_dma *dma);
int dma_sections(const struct memory *mem, const struct lguest_dma *dma,
		 struct iovec iov[LGUEST_MAX_DMA_SECTIONS]);
void dma_set_used(const struct memory *mem, __u32 addr, __u32 used);

/* The models. */
enum model_kind {
	MODEL_CONSOLE,
	MODEL_DISK,
	MODEL_NET,
	MODEL_SHARE,
	MODEL_RNG,
	MODEL_FILES,
	MODEL_BALLOON,
	MODEL_AGENT,
	NR_MODELS,
};

struct model {
	enum model_kind kind;
	const char *name;	/* for messages */
	void (*close)(struct model *model);
};

/* console.c */
#define CONSOLE_SAID_MAX	4096	/* a panic, with its trace */

void console_write(struct model *model, struct iovec *iov, int nr);
int console_fd(struct model *model);
void console_collect(struct model *model);
size_t console_pending(struct model *model);
size_t console_take(struct model *model, struct iovec *iov, int nr);
void console_rest(bool on);
void console_last_words(void);
size_t console_said(char text[CONSOLE_SAID_MAX]);

/* escape.c: keys that are for the launcher, not for the guest */
#define ESCAPE_KEY		0x01	/* Ctrl-A */

enum escape_action {
	ESCAPE_NONE,		/* the byte is used up */
	ESCAPE_SEND,		/* the byte is for the guest */
	ESCAPE_STOP,
	ESCAPE_HELP,
};

struct escape {
	bool armed;		/* the last byte was ESCAPE_KEY */
	unsigned int interrupts; /* ^C so far, nothing else */
	__u64 first_interrupt;	/* ms */
};

enum escape_action escape_byte(struct escape *esc, unsigned char byte);
bool escape_interrupts(struct escape *esc, const void *input, size_t len, __u64 now_ms);

/* disk.c; disk.h has what is behind it */
#define SECTOR_BYTES		512u
#define DISK_SERIAL_MAX		20

__u32 disk_capacity(__u64 bytes);
bool disk_has(__u32 capacity, __u32 sector, __u32 bytes);
__u32 disk_sectors(struct model *model);
size_t disk_read(struct model *model, __u32 sector, struct iovec *iov, int nr);
size_t disk_write(struct model *model, __u32 sector, struct iovec *iov, int nr);
bool disk_is_read_only(struct model *model);
bool disk_flush(struct model *model);
bool disk_discard(struct model *model, __u32 sector, __u32 sectors);
bool disk_zero(struct model *model, __u32 sector, __u32 sectors, bool unmap);
bool disk_discards(struct model *model);
const char *disk_serial(struct model *model);
__u32 disk_sector_size(struct model *model);

/* rng.c */
size_t rng_fill(struct model *model, struct iovec *iov, int nr);

/*
 * net.c: networks whose other end is the host; tap.c and passt.c are two kinds
 *
 * Before a tap's frames is a header of 10 bytes, which is virtio's: it says what
 * of the checksum and of the segmentation is still to be done.
 */
#define NET_HEADER_BYTES	10
#define NET_HELD_MAX		(NET_HEADER_BYTES + 65536 + 64)	/* IP's longest packet */
#define NET_PIECES_MAX		256	/* of one frame, without a header of its own */
#define MAC_BYTES		6
#define NET_MAC_MULTICAST	0x01	/* of an address's first byte */
#define NET_FORWARDS_MAX	16

struct net_spec {
	const char *value;	/* "" if there is none */
	bool has_mac;
	__u8 mac[MAC_BYTES];
	bool host;		/* the guest may reach this host's own services */
	unsigned int nr_forwards;
	struct {
		const char *protocol, *ports;
	} forward[NET_FORWARDS_MAX];
};

typedef struct model *(*net_creator)(const struct net_spec *spec);

struct net;

struct net_ops {
	bool headed;
	/* What to wait for; -1 once nothing will come any more. */
	int (*fd)(struct net *net);
	bool (*ready)(struct net *net);
	/* What the guest takes over: TUN_F_*.  NULL: it gets whole frames only. */
	void (*offload)(struct net *net, unsigned int flags);
	/* A frame goes as a whole, or is lost.  Returns what is on its way. */
	size_t (*send)(struct net *net, const struct iovec *iov, int nr);
	/* Bytes of a frame, 0 if there is none, -1 if none will come. */
	ssize_t (*receive)(struct net *net, const struct iovec *iov, int nr);
};

struct net {
	struct model model;
	const struct net_ops *ops;
	__u8 host_mac[MAC_BYTES];
	__u8 mac[MAC_BYTES];	/* the guest's */
	/* What came for a guest that takes it in several buffers, if it does. */
	struct {
		size_t len;
		char bytes[NET_HELD_MAX];	/* a header, and the frame */
	} held;
};

/* net_option.c */
const char *net_parse(char *text, struct net_spec *spec, net_creator *create);

/* net.c */
void net_init(struct net *net, const struct net_ops *ops, const struct net_spec *spec,
	      const __u8 host_mac[MAC_BYTES]);
struct net *to_net(struct model *model);
int net_fd(struct model *model);
bool net_ready(struct model *model);
size_t net_send_headed(struct model *model, struct iovec *iov, int nr);
ssize_t net_receive_headed(struct model *model, struct iovec *iov, int nr);
size_t net_send(struct model *model, struct iovec *iov, int nr);
ssize_t net_receive(struct model *model, struct iovec *iov, int nr);

/* tap.c, passt.c, share.c */
struct model *tap_create(const struct net_spec *spec);
struct model *tap_create_bridged(const struct net_spec *spec);
const char *tap_parse(const char *spec, __u32 *ip, int *prefix, char name[16]);
struct model *passt_create(const struct net_spec *spec);

struct model *share_create(const char *file);
unsigned int share_slot(struct model *model);
void share_map(struct model *model, void *where);

/* How the devices of one era are shown to its guests, and served. */
struct transport {
	size_t notice;		/* bytes that read() stores for it */
	void (*attach)(const struct era *era, struct memory *mem, struct model *model);
	/* False: the guest has done what it cannot go on after, and the user was told. */
	bool (*serve)(const void *reply);
	void (*input)(bool all);
	void (*hold)(bool on);	/* threads; NULL if it has none */
	void (*close)(void);
};

/* classic.c: the devices of the classic ABI */
extern const struct transport classic_transport;

struct classic_device;

enum classic_input {
	INPUT_IDLE,		/* nothing to give */
	INPUT_STALLED,		/* the guest has no free buffer */
};

struct classic_driver {
	__u16 type;
	__u16 pages;
	void (*setup)(struct classic_device *dev, struct lguest_device_desc *desc);
	void (*output)(struct classic_device *dev, const struct lguest_dma_notice *notice);
	enum classic_input (*input)(struct classic_device *dev);
	int (*input_fd)(const struct classic_device *dev); /* to watch; -1: none */
};

struct classic_device {
	const struct classic_driver *driver;
	struct model *model;
	const struct memory *mem;
	unsigned int slot;
	__u32 page;		/* guest-physical; 0 if it has none */
	bool stalled;
	bool progress;		/* it got some input just now */
	bool warned;		/* of what its guest does wrong */
};

/* A free buffer of the guest, between classic_get_buffer() and _put_buffer(). */
struct classic_buffer {
	__u32 addr;
	__u32 irq;
	struct iovec iov[LGUEST_MAX_DMA_SECTIONS];
	int nr;
};

void classic_attach(const struct era *era, struct memory *mem, struct model *model);
bool classic_serve(const void *reply);
void classic_input(bool all);
void classic_close(void);

/* classic_buffer.c: their guest's lists of memory */
void classic_blame(struct classic_device *dev, const char *what);
int classic_sent(struct classic_device *dev, __u32 addr,
		 struct iovec iov[LGUEST_MAX_DMA_SECTIONS]);
bool classic_get_buffer(struct classic_device *dev, __u32 key,
			struct classic_buffer *buf);
void classic_put_buffer(struct classic_device *dev,
			const struct classic_buffer *buf, __u32 used);

extern const struct classic_driver classic_console_driver;
extern const struct classic_driver classic_block_driver;
extern const struct classic_driver classic_tap_driver;
extern const struct classic_driver classic_share_driver;

#endif /* LAUNCHER_H */
