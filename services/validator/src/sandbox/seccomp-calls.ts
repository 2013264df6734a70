/** Numbers of a system call on [x64, arm64], from Linux's own tables. */
export type Numbers = readonly [x64: number, arm64: number];

/** Calls that no build or test needs, that holes of the kernel are found in, or that take memory which nobody counts. */
export const DENIED_CALLS: Readonly<Record<string, Numbers>> = {
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  bpf: [321, 280],
  userfaultfd: [323, 282],
  perf_event_open: [298, 241],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  move_mount: [429, 429],
  open_tree: [428, 428],
  mount_setattr: [442, 442],
  open_tree_attr: [467, 467],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  reboot: [169, 142],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  syslog: [103, 116],
  // Messages that are kept in the kernel, for a reader that need not exist.
  msgget: [68, 186],
  memfd_secret: [447, 447],
};

/**
 * Memory behind a file descriptor, in no process's pages and in no folder. As if the kernel had no such call: programs
 * then take a file in /dev/shm, which is bounded.
 */
export const ABSENT_CALLS: Readonly<Record<string, Numbers>> = { memfd_create: [319, 279] };

/** System V memory and semaphores stay when no process has them; one argument, from 0, is bounded. */
export const BOUNDED_CALLS: Readonly<
  Record<string, { readonly numbers: Numbers; readonly argument: number; readonly most: number }>
> = {
  shmget: { numbers: [29, 194], argument: 1, most: 64 * 1024 },
  semget: { numbers: [64, 190], argument: 1, most: 64 },
};

/**
 * Kinds of socket that a command may make: Unix, IPv4, IPv6 and netlink, which lists interfaces. All of these belong to the
 * box's own network namespace; others, such as those to a hypervisor, do not.
 */
export const SOCKET_CALL: Numbers = [41, 198];
export const SOCKET_FAMILIES = [1, 2, 10, 16] as const;

/** Without namespaces of its own a command may not make any either: it would have every capability in them. */
export const NAMESPACE_CALLS: Readonly<Record<string, Numbers>> = { unshare: [272, 97], setns: [308, 268] };
export const CLONE_CALL: Numbers = [56, 220];
/** Its flags lie in memory, where a filter cannot look: as if the kernel had none, so that clone is taken. */
export const CLONE3_CALL: Numbers = [435, 435];
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
export const NEW_NAMESPACES = 0x7e020000;
