import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

/** System calls that are worth a try, x64 and arm64 numbers, with arguments that make a kernel that allows them do something. */
const CALLS = `my %n = \`uname -m\` =~ /x86_64/
  ? (add_key => 248, keyctl => 250, bpf => 321, userfaultfd => 323, perf_event_open => 298, io_uring_setup => 425, mount => 165, umount2 => 166, pivot_root => 155, fsopen => 430, open_tree => 428, move_mount => 429, mount_setattr => 442, open_by_handle_at => 304, name_to_handle_at => 303, kexec_load => 246, init_module => 175, finit_module => 313, delete_module => 176, swapon => 167, acct => 163, reboot => 169, syslog => 103, settimeofday => 164, clock_settime => 227, unshare => 272, setns => 308, chroot => 161, mknod => 133, ptrace => 101, iopl => 172)
  : (add_key => 217, keyctl => 219, bpf => 280, userfaultfd => 282, perf_event_open => 241, io_uring_setup => 425, mount => 40, umount2 => 39, pivot_root => 41, fsopen => 430, open_tree => 428, move_mount => 429, mount_setattr => 442, open_by_handle_at => 265, name_to_handle_at => 264, kexec_load => 104, init_module => 105, finit_module => 273, delete_module => 106, swapon => 224, acct => 89, reboot => 142, syslog => 116, settimeofday => 170, clock_settime => 112, unshare => 97, setns => 268, chroot => 51);
my $buffer = "\\0" x 256; my $path = "/tmp\\0";
my %call = (
  add_key => sub { syscall($n{add_key}, "user\\0", "attack\\0", "x", 1, -3) }, keyctl => sub { syscall($n{keyctl}, 0, -3, 1) },
  bpf => sub { syscall($n{bpf}, 0, pack("LLLL", 2, 4, 4, 1) . ("\\0" x 112), 128) }, userfaultfd => sub { syscall($n{userfaultfd}, 1) },
  perf_event_open => sub { syscall($n{perf_event_open}, pack("LLQ", 1, 120, 0) . ("\\0" x 104), 0, -1, -1, 0) },
  io_uring_setup => sub { syscall($n{io_uring_setup}, 1, $buffer) },
  mount => sub { syscall($n{mount}, "x\\0", $path, "tmpfs\\0", 0, 0) }, umount2 => sub { syscall($n{umount2}, $path, 2) }, pivot_root => sub { syscall($n{pivot_root}, $path, $path) },
  fsopen => sub { syscall($n{fsopen}, "tmpfs\\0", 0) }, open_tree => sub { syscall($n{open_tree}, -100, $path, 1) }, mount_setattr => sub { syscall($n{mount_setattr}, -100, $path, 0, $buffer, 32) },
  name_to_handle_at => sub { syscall($n{name_to_handle_at}, -100, $path, pack("LL", 128, 0) . $buffer, my $id = pack("L", 0), 0) },
  unshare => sub { syscall($n{unshare}, 0x10000000) }, chroot => sub { syscall($n{chroot}, $path) },
  syslog => sub { syscall($n{syslog}, 3, $buffer, 200) }, acct => sub { syscall($n{acct}, 0) }, reboot => sub { syscall($n{reboot}, 0xfee1dead, 672274793, 0, 0) },
  settimeofday => sub { syscall($n{settimeofday}, pack("qq", 0, 0), 0) }, clock_settime => sub { syscall($n{clock_settime}, 0, pack("qq", 0, 0)) },
);
for my $name (sort keys %call) { my $r = $call{$name}->(); print $r >= 0 ? "ESCAPED: $name gave $r\\n" : "refused $name: $!\\n"; }
print "tried " . scalar(keys %call) . "\\n";`;

const X32 = `if (\`uname -m\` =~ /x86_64/) { my $r = syscall(0x40000000 + 165, "x\\0", "/tmp\\0", "tmpfs\\0", 0, 0); print "ESCAPED: x32 mount\\n" if $r >= 0; } print "tried 1\\n";`;

export default [
  boxed({
    row: 13,
    name: 'set-uid programs, capabilities and the user that it is',
    sh: `fails su su -c true; fails sudo sudo -n true; fails "is root" test "$(id -u)" = 0
status=/proc/self/status
fails "has capabilities" sh -c '! grep -q "^CapEff:[[:space:]]*0*$" /proc/self/status'; fails "may gain capabilities" sh -c '! grep -q "^CapBnd:[[:space:]]*0*$" /proc/self/status'
fails "may gain privileges" sh -c '! grep -q "^NoNewPrivs:[[:space:]]*1$" /proc/self/status'; fails "has no filter" sh -c '! grep -q "^Seccomp:[[:space:]]*2$" /proc/self/status'
cp /bin/sh ./own-sh; chmod 4755 ./own-sh; fails "set-uid of its own" sh -c './own-sh -pc "test \\$(id -u) = 0"'`,
  }),
  boxed({
    row: 13,
    name: 'namespaces, mounts, chroot and devices',
    sh: 'fails "user namespace" unshare --user true; fails "mount namespace" unshare --mount true; fails "user and mount" unshare -Urm true; fails "process namespace" unshare --user --pid --fork true; fails mount mount -t tmpfs x /tmp; fails remount mount -o remount,rw /usr; fails umount umount /proc/sys; fails chroot chroot /usr true; fails mknod mknod device c 1 3; fails "join" nsenter --target 1 --mount true; fails "another box" bwrap --dev-bind / / true',
  }),
  boxed({
    row: 13,
    name: 'system calls that need no file',
    change: { 'calls.pl': CALLS },
    sh: 'perl calls.pl; tried=1',
  }),
  boxed({
    row: 13,
    name: 'the other system call interfaces of the processor',
    change: { 'x32.pl': X32 },
    sh: 'perl x32.pl; tried=1',
  }),
  boxed({
    row: 13,
    name: 'types into the terminal of whoever started it',
    sh: `fails "TIOCSTI" perl -e 'open(my $t, "+<", "/dev/tty") or exit 1; ioctl($t, 0x5412, "x") or exit 1'`,
  }),
  boxed({
    row: 13,
    name: 'writes the system',
    sh: 'B=box; for path in / /usr /etc /bin /lib /opt /$B /$B/kit /dev /proc /sys /root /var; do fails "wrote $path" touch "$path/canary"; done; export B; fails "replaced kit" sh -c "echo x > /$B/kit/probe.mjs"; fails "replaced a program" cp /bin/true /bin/sh; fails "renamed reports" mv /$B/reports /$B/other; fails "removed workspace" rmdir /$B/work',
  }),
] satisfies AttackCase[];
