import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

const EAT = 'const all = []; for (;;) all.push(Buffer.alloc(8 * 1024 * 1024, 1));';
/** Raw system calls, from Perl: it is on every Debian. */
const perl = (script: string) => `perl -e '${script}'`;

export default [
  boxed({ row: 2, name: 'one process', node: EAT, ended: ['memory'], code: 'MEMORY' }),
  boxed({
    row: 2,
    name: 'four children that take their share each',
    node: `import { spawn } from 'node:child_process';
const eat = 'const all = []; for (let i = 0; i < 10; i++) all.push(Buffer.alloc(8 * 1024 * 1024, 1)); setTimeout(() => {}, 20000)';
for (let i = 0; i < 4; i++) spawn('node', ['-e', eat], { stdio: 'ignore' });
await new Promise((resolve) => setTimeout(resolve, 20000));`,
    ended: ['memory'],
    code: 'MEMORY',
  }),
  boxed({
    row: 2,
    name: 'files in memory: /dev/shm, /tmp and the home folder',
    sh: 'for folder in /dev/shm /tmp "$HOME"; do fails "filled $folder" dd if=/dev/zero of="$folder/big" bs=1M count=200; done',
    ended: ['exit', 'memory', 'disk'],
    passed: true,
    also: (verdict) => (verdict.run?.commands.at(-1)?.ended === 'exit' ? [] : ['it was ended before it was full']),
  }),
  boxed({
    row: 2,
    name: 'an anonymous file that no process has mapped (memfd)',
    // memfd_create; 319 on x64, 279 on arm64.
    sh: perl(
      'my $n = `uname -m` =~ /x86_64/ ? 319 : 279; for my $i (1..40) { my $name = "x\\0"; my $fd = syscall($n, $name, 0); last if $fd < 0; open(my $f, ">&=", $fd) or last; push @keep, $f; my $block = "x" x (1 << 20); for (1..40) { syswrite($f, $block) or last } print "ESCAPED: 400 MB in memfd\\n" if $i == 10; } print "tried 1\\n"; $| = 1; sleep 2',
    ),
    ended: ['exit', 'memory'],
    passed: true,
    says: /tried/,
  }),
  boxed({
    row: 2,
    name: 'System V shared memory that no process has mapped',
    sh: perl(
      'my $sum = 0; for (1..20) { my $id = shmget(0, 64 << 20, 0600 | 01000); last unless defined $id; for my $at (0..63) { shmwrite($id, "x" x (1 << 20), $at << 20, 1 << 20) or last; $sum++ } } print "ESCAPED: $sum MB\\n" if $sum > 300; print "tried 1\\n"; $| = 1; sleep 2',
    ),
    ended: ['exit', 'memory'],
    passed: 'either',
    says: /tried/,
  }),
  boxed({
    row: 2,
    name: 'messages and semaphores that stay in the kernel',
    sh: perl(
      'my $n = 0; for (1..200) { my $id = msgget(0, 0600 | 01000); last unless defined $id; $n++; msgsnd($id, pack("l! a*", 1, "x" x 8000), 04000) for 1..2 } print "ESCAPED: $n queues\\n" if $n > 50; $n = 0; for (1..500) { my $id = semget(0, 10000, 0600 | 01000); last unless defined $id; $n++ } print "ESCAPED: $n sets of semaphores\\n" if $n > 50; print "tried 1\\n"',
    ),
    says: /tried/,
  }),
  boxed({
    row: 2,
    name: 'what waits in thousands of sockets, in no page of a process',
    sh: ({ marker }) =>
      `for i in 1 2 3 4; do perl -MSocket -MIO::Handle -e '$SIG{PIPE} = "IGNORE"; for (1..2000) { socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0) or last; $a->blocking(0); 1 while defined syswrite($a, "x" x 65536); push @keep, $a, $b } print "ESCAPED: " . scalar(@keep) . " sockets are full\\n" if @keep > 2000; sleep 3' ${marker} & done; wait; tried=1`,
    ended: ['memory'],
    code: 'MEMORY',
  }),
] satisfies AttackCase[];
