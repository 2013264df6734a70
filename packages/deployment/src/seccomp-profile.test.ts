import { expect, it } from 'vitest';
import { dataOf } from './files.ts';

interface Rule {
  readonly names: readonly string[];
  readonly action: string;
  readonly args?: readonly object[];
}
const profile = dataOf<{ defaultAction: string; syscalls: readonly Rule[] }>('deploy/security/seccomp-validator.json');
const allowed = new Set(
  profile.syscalls
    .filter(({ action, args = [] }) => action === 'SCMP_ACT_ALLOW' && args.length === 0)
    .flatMap(({ names }) => names),
);

it('refuses what it does not name', () => {
  expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
});

it('allows what bubblewrap makes its namespaces with', () => {
  for (const name of ['clone', 'unshare', 'mount', 'umount2', 'pivot_root', 'sethostname', 'prctl', 'seccomp'])
    expect(allowed, name).toContain(name);
});

it('allows nothing that reaches the kernel past what a build needs', () => {
  const dangerous =
    'bpf perf_event_open userfaultfd io_uring_setup io_uring_enter keyctl add_key request_key kexec_load kexec_file_load init_module finit_module delete_module open_by_handle_at name_to_handle_at setns reboot swapon swapoff syslog acct quotactl settimeofday clock_settime iopl ioperm fsopen fsmount fsconfig move_mount open_tree mount_setattr lookup_dcookie vhangup fanotify_init clone3';
  for (const name of dangerous.split(' ')) expect(allowed, name).not.toContain(name);
});

it('names each call once', () => {
  const names = profile.syscalls.filter(({ args = [] }) => args.length === 0).flatMap((rule) => rule.names);
  expect(names.length).toBe(new Set(names).size);
});
