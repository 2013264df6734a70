// Runs inside the sandbox while dependencies are fetched: gives the command a proxy on the box's own loopback interface,
// which leads to the socket of the proxy outside. relay.mjs PORT SOCKET COMMAND...
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const [port, socketPath, command, ...args] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ path: socketPath, allowHalfOpen: true });
  near.pipe(far).pipe(near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ])
    one.on('error', () => other.destroy()).on('close', () => other.destroy());
});
server.listen(Number(port), '127.0.0.1', () => {
  const child = spawn(command, args, { stdio: 'inherit' });
  child.on('error', (error) => {
    process.stderr.write(`${command}: ${error.code === 'ENOENT' ? 'command not found' : error.code}\n`);
    process.exit(127);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.kill(process.pid, signal);
    // A signal that this process outlives.
    setTimeout(() => process.exit(1), 100);
  });
});
