import { z } from 'zod';
import { type CommandOptions, command } from './command.ts';

const Inspected = z.array(
  z.object({
    Id: z.string(),
    Config: z.object({
      Hostname: z.string(),
      Labels: z.record(z.string(), z.string()),
    }),
    State: z.object({
      Status: z.string(),
      ExitCode: z.number(),
      Health: z.object({ Status: z.string() }).optional(),
    }),
    HostConfig: z.object({
      Privileged: z.boolean(),
      ReadonlyRootfs: z.boolean(),
      CapAdd: z.array(z.string()).nullable(),
      CapDrop: z.array(z.string()).nullable(),
      SecurityOpt: z.array(z.string()).nullable(),
      Memory: z.number(),
      PidsLimit: z.number().nullable(),
      PortBindings: z.record(z.string(), z.array(z.object({ HostIp: z.string() })).nullable()).nullable(),
    }),
    Mounts: z.array(z.object({ Source: z.string(), Destination: z.string() })),
  }),
);

export type Container = z.infer<typeof Inspected>[number] & { readonly service: string };

/** Made by Compose for a service: images carry the label of the project too, and give it to any container of theirs. */
const ofProject = (project: string) =>
  [`com.docker.compose.project=${project}`, 'com.docker.compose.oneoff=False'].flatMap((label) => [
    '--filter',
    `label=${label}`,
  ]);

/** The containers of a compose project, ended ones too, in the order of their services' names. */
export async function containersOf(project: string, options: CommandOptions = {}): Promise<Container[]> {
  const listed = await command(['docker', 'ps', '-aq', ...ofProject(project)], options);
  const ids = listed.split('\n').filter(Boolean);
  if (ids.length === 0) return [];
  const inspected = Inspected.parse(JSON.parse(await command(['docker', 'inspect', ...ids], options)));
  return inspected
    .map((one) => ({ ...one, service: one.Config.Labels['com.docker.compose.service'] ?? '' }))
    .sort((a, b) => a.service.localeCompare(b.service));
}

/** Runs a command in a container, as its own user. */
export const inContainer = ({ Id }: Pick<Container, 'Id'>, argv: readonly string[]): Promise<string> =>
  command(['docker', 'exec', Id, ...argv]);

/** Ended as it should, or healthy where a health check is declared. */
export function stateOf({ service, State }: Container): 'good' | 'waiting' | 'bad' {
  if (service === 'migrate' && State.Status === 'exited') return State.ExitCode === 0 ? 'good' : 'bad';
  if (State.Status === 'exited' || State.Status === 'dead') return 'bad';
  return State.Status === 'running' && (State.Health?.Status ?? 'healthy') === 'healthy' ? 'good' : 'waiting';
}
