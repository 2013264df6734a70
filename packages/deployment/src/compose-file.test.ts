import { existsSync, readdirSync } from 'node:fs';
import { ENVIRONMENT_KEYS, isSecret } from '@orchestrator/shared/config/environment.ts';
import { describe, expect, it } from 'vitest';
import { dataOf, pathOf, textOf } from './files.ts';

interface Service {
  readonly image?: string;
  readonly build?: object;
  readonly user?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly (string | { source: string; target: string; read_only: boolean })[];
  readonly secrets?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly logging?: { readonly options: object };
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly profiles?: readonly string[];
}
const compose = dataOf<{
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
  secrets: Record<string, { file: string }>;
}>('docker-compose.yml');
const { services } = compose;
const OURS = ['analyzer', 'coder', 'validator', 'notifier', 'scheduler'];
const each = describe.each(Object.entries(services));

each('%s', (name, service) => {
  it('is confined', () => {
    expect(service).toMatchObject({ init: true, read_only: true, cap_drop: ['ALL'] });
    expect(service.privileged).toBeUndefined();
    expect(service.cap_add).toBeUndefined();
    expect(service.security_opt).toContain('no-new-privileges:true');
    expect(service.user ?? 'root').not.toMatch(/^(root|0)(:|$)/);
    expect(JSON.stringify(service.volumes ?? [])).not.toContain('docker.sock');
  });

  it('has limits', () => {
    expect(service.mem_limit).toBeTruthy();
    expect(service.pids_limit).toBeGreaterThan(0);
    expect(service.logging?.options).toMatchObject({ 'max-size': expect.any(String), 'max-file': expect.any(String) });
  });

  it('has an image with an exact tag', () => {
    expect(service.image).toMatch(
      name.match(/^(postgres|redis|prometheus|grafana)$/) ? /:v?\d+\.\d+\S*$/ : /^ai-orchestrator/,
    );
  });

  it('holds no secret in its environment, and only secrets that are declared', () => {
    for (const [variable, value] of Object.entries(service.environment ?? {}))
      if (/PASSWORD|TOKEN|API_KEY|WEBHOOK|DATABASE_URL|REDIS_URL|SMTP_URL|HEADERS/.test(variable))
        expect(`${variable}=${value}`).toMatch(/_FILE=\/run\/secrets\/\w+$/);
    const files = Object.values(service.environment ?? {}).filter((value) => String(value).startsWith('/run/secrets/'));
    const mounted = (service.secrets ?? []).map((secret) => `/run/secrets/${secret}`);
    expect(mounted).toEqual(expect.arrayContaining(files));
    expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining([...(service.secrets ?? [])]));
  });
});

describe.each(OURS)('%s', (name) => {
  it('starts after the migration, and is given longer to stop than it takes to drain', () => {
    expect(services[name]?.depends_on?.migrate?.condition).toBe('service_completed_successfully');
    expect(Number.parseInt(services[name]?.stop_grace_period ?? '0', 10)).toBeGreaterThan(30);
  });
});

it('publishes ports on the loopback interface only, and but for Grafana only that of the scheduler', () => {
  const published = Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
  expect(published.map(([name]) => name)).toEqual(['scheduler', 'grafana']);
  for (const [, port] of published) expect(port).toMatch(/^127\.0\.0\.1:/);
});

it('lets a validator see the stores and the way out, and no other service', () => {
  const alone = services.validator?.networks?.filter((network) => network !== 'metrics') ?? [];
  for (const [name, { networks = [] }] of Object.entries(services))
    if (!['validator', 'postgres', 'redis'].includes(name)) expect(networks).not.toEqual(expect.arrayContaining(alone));
  for (const network of alone)
    for (const name of OURS.filter((one) => one !== 'validator'))
      expect(services[name]?.networks).not.toContain(network);
  expect(compose.networks['validator-stores']?.internal).toBe(true);
  expect(services.validator?.secrets).toEqual(['database_url', 'redis_url', 'otel_headers', 'github_read_token']);
});

it('shows repositories read-only', () => {
  for (const name of OURS)
    expect(services[name]?.volumes).toContainEqual(
      expect.objectContaining({ target: '/repositories', read_only: true }),
    );
});

it('hands every variable of the environment to a service, secrets as files', () => {
  const given = new Set(OURS.flatMap((name) => Object.keys(services[name]?.environment ?? {})));
  // The image has it.
  given.add('ORCHESTRATOR_HOME');
  for (const key of ENVIRONMENT_KEYS) expect(given).toContain(isSecret(key) ? `${key}_FILE` : key);
});

it('builds each image once', () => {
  const ours = Object.values(services).filter(({ image = '' }) => image.startsWith('ai-orchestrator'));
  const built = ours.filter((service) => service.build !== undefined).map(({ image }) => image);
  expect(built.length).toBe(new Set(built).size);
  expect(new Set(built)).toEqual(new Set(ours.map(({ image }) => image)));
});

it('keeps chaos and observability out of an ordinary start', () => {
  const profiles = Object.entries(services).flatMap(([name, one]) =>
    (one.profiles ?? []).map((profile) => `${profile}: ${name}`),
  );
  expect(profiles.sort()).toEqual([
    'chaos: chaos',
    'chaos: vendors',
    'observability: grafana',
    'observability: prometheus',
  ]);
});

it('mounts files that exist', () => {
  const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
    volumes.flatMap((volume) =>
      typeof volume === 'string' && volume.startsWith('./') ? [volume.split(':')[0] as string] : [],
    ),
  );
  const profile = services.validator?.security_opt?.find((option) => option.startsWith('seccomp='))?.slice(8) ?? '';
  for (const path of [...mounted, profile]) expect(existsSync(pathOf(path)), path).toBe(true);
});

it('names the manifest of every package in the Dockerfile, whose packages would be missing otherwise', () => {
  const dockerfile = textOf('Dockerfile');
  for (const group of ['packages', 'services'])
    for (const name of readdirSync(pathOf(group)))
      if (existsSync(pathOf(`${group}/${name}/package.json`)))
        expect(dockerfile).toContain(`COPY ${group}/${name}/package.json ${group}/${name}/\n`);
  expect(dockerfile).not.toMatch(/^# *syntax=/im);
  for (const [, image] of dockerfile.matchAll(/^FROM (\S+:\S+)/gm)) expect(image).toMatch(/:\d+\.\d+\.\d+/);
});
