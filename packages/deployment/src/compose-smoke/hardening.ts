import { type Container, inContainer } from './containers.ts';

/** What is wrong with how containers are confined; empty where all is as it has to be. Only the scheduler has a port. */
export async function hardeningProblems(containers: readonly Container[]): Promise<string[]> {
  const problems: string[] = [];
  for (const container of containers) {
    const say = (problem: string) => problems.push(`${container.service}: ${problem}`);
    for (const problem of declaredProblems(container)) say(problem);
    if (container.State.Status !== 'running') continue;
    // What really holds inside, whatever was declared.
    const [uid = '', root = ''] = (
      await inContainer(container, ['sh', '-c', `id -u; awk '$2 == "/" { print $4 }' /proc/mounts`])
    ).split('\n');
    if (uid === '0') say('runs as root');
    if (!root.split(',').includes('ro')) say('can write to its root file system');
  }
  return problems;
}

function* declaredProblems({ service, HostConfig: host, Mounts }: Container): Generator<string> {
  if (host.Privileged) yield 'is privileged';
  if (!host.ReadonlyRootfs) yield 'is not read-only';
  if (!host.CapDrop?.includes('ALL') || (host.CapAdd?.length ?? 0) > 0) yield 'keeps capabilities';
  if (!host.SecurityOpt?.some((option) => option.startsWith('no-new-privileges'))) yield 'may gain privileges';
  if (host.Memory === 0 || (host.PidsLimit ?? 0) <= 0) yield 'has no limit of memory or processes';
  if (Mounts.some(({ Source, Destination }) => `${Source} ${Destination}`.includes('docker.sock')))
    yield 'holds the socket of the engine';
  const published = Object.values(host.PortBindings ?? {}).flatMap((bindings) => bindings ?? []);
  if (published.length > 0 && service !== 'scheduler') yield 'publishes a port';
  if (published.some(({ HostIp }) => HostIp !== '127.0.0.1')) yield 'publishes a port to other machines';
}
