import type { AttackCase } from '../attack-case.ts';
import { boxed } from '../boxed.ts';

export default [
  boxed({
    row: 10,
    name: 'lists the processes of the machine',
    sh: 'count=$(ls /proc | grep -c "^[0-9]*$"); fails "sees $count processes" test "$count" -gt 12',
  }),
  boxed({
    row: 10,
    name: 'signals and traces processes by number',
    sh: ({ canaries }) =>
      `fails "kill the service" kill -0 ${canaries.pid}; for pid in 300 1000 5000 ${canaries.pid}; do fails "signal $pid" kill -CONT $pid; fails "read memory of $pid" head -c 1 /proc/$pid/mem; fails "read maps of $pid" head -c 1 /proc/$pid/maps; done; fails "memory of the first process" head -c 1 /proc/1/mem`,
  }),
  boxed({
    row: 10,
    name: 'writes settings of the kernel',
    sh: 'for file in /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/kernel/hostname /proc/sys/vm/drop_caches /proc/sys/vm/overcommit_memory /proc/sys/net/ipv4/ip_forward /proc/sys/user/max_user_namespaces /proc/sysrq-trigger /proc/self/../sys/kernel/panic; do fails "wrote $file" sh -c "echo 1 > $file"; done',
  }),
  boxed({
    row: 10,
    name: 'protects itself from being ended when memory runs out',
    sh: 'fails "oom_score_adj" sh -c "echo -1000 > /proc/self/oom_score_adj"',
  }),
] satisfies AttackCase[];
