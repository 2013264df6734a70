/**
 * A small deny list on top of the namespaces: calls that no build or test needs and that kernel holes are found in.
 * They answer EPERM. The numbers are Linux's own (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h).
 */
const DENIED: Readonly<Record<'x64' | 'arm64', readonly number[]>> = {
  // add_key request_key keyctl bpf userfaultfd perf_event_open io_uring_* open_by_handle_at kexec_* init/finit/delete_module
  // mount umount2 pivot_root fsopen fsconfig fsmount fspick move_mount open_tree mount_setattr swapon swapoff acct reboot
  // name_to_handle_at quotactl settimeofday clock_settime syslog
  x64: [
    248, 249, 250, 321, 323, 298, 425, 426, 427, 304, 246, 320, 175, 313, 176, 165, 166, 155, 430, 431, 432, 433, 429,
    428, 442, 167, 168, 163, 169, 303, 179, 164, 227, 103,
  ],
  arm64: [
    217, 218, 219, 280, 282, 241, 425, 426, 427, 265, 104, 294, 105, 273, 106, 40, 39, 41, 430, 431, 432, 433, 429, 428,
    442, 224, 225, 89, 142, 264, 60, 170, 112, 116,
  ],
};
const AUDIT_ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
/** Numbers from here on are the x32 interface of x64, through which the list could be passed by. */
const X32_BIT = 0x40000000;

const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const AT_LEAST = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
const ALLOW = 0x7fff0000;
const DENY = 0x00050001; // SECCOMP_RET_ERRNO | EPERM
const KILL = 0x80000000;

/** The compiled filter as `bwrap --seccomp` reads it; null on a machine whose numbers are not listed. */
export function seccompFilter(arch: string): Buffer | null {
  if (arch !== 'x64' && arch !== 'arm64') return null;
  const denied = DENIED[arch];
  const checks: [number, number, number, number][] = [];
  if (arch === 'x64') checks.push([AT_LEAST, denied.length + 1, 0, X32_BIT]);
  denied.forEach((number, index) => {
    checks.push([EQUAL, denied.length - index, 0, number]);
  });
  const program: [number, number, number, number][] = [
    [LOAD, 0, 0, 4], // arch
    [EQUAL, 1, 0, AUDIT_ARCH[arch]],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, 0], // number
    ...checks,
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, DENY],
  ];
  const filter = Buffer.alloc(program.length * 8);
  program.forEach(([code, whenTrue, whenFalse, value], index) => {
    filter.writeUInt16LE(code, index * 8);
    filter.writeUInt8(whenTrue, index * 8 + 2);
    filter.writeUInt8(whenFalse, index * 8 + 3);
    filter.writeUInt32LE(value, index * 8 + 4);
  });
  return filter;
}
