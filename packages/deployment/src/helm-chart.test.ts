import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readBacklog } from '@orchestrator/shared/read/backlog.ts';
import { testDatabase } from '@orchestrator/testkit/postgres.ts';
import { seedRun } from '@orchestrator/testkit/seed-run.ts';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { dataOf, pathOf, textOf } from './files.ts';

const CHART = 'deploy/helm/ai-orchestrator';
const values = dataOf<Record<string, unknown>>(`${CHART}/values.yaml`);
const accepts = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(
  dataOf<object>(`${CHART}/values.schema.json`),
);
const templates = readdirSync(pathOf(`${CHART}/templates`)).map(
  (name) => [name, textOf(`${CHART}/templates/${name}`)] as const,
);
const all = templates.map(([, text]) => text).join('\n');

describe('the schema of the values', () => {
  it('takes the defaults', () => {
    accepts(values);
    expect(accepts.errors ?? []).toEqual([]);
  });

  it.each([
    ['a key that nobody knows', { imagee: {} }],
    [
      'a number of replicas that is none',
      { services: { ...(values.services as object), coder: { replicas: 'two', resources: {} } } },
    ],
    ['no secret', { existingSecret: '' }],
    ['two repositories in one text', { repositories: ['https://a.example.com/a https://a.example.com/b'] }],
    ['less time to stop than it takes to drain', { terminationGracePeriodSeconds: 5 }],
  ])('refuses %s', (_what, wrong) => {
    expect(accepts({ ...values, ...wrong })).toBe(false);
  });
});

describe.each(templates)('%s', (_name, text) => {
  it('closes what it opens', () => {
    const opened = [...text.matchAll(/\{\{-?\s*(if|range|with|define)\b/g)].length;
    const closed = [...text.matchAll(/\{\{-?\s*end\b/g)].length;
    expect(opened).toBe(closed);
    expect(text.split('{{').length).toBe(text.split('}}').length);
  });

  it('uses values that exist, and pieces that are defined', () => {
    for (const [, path = ''] of text.matchAll(/\.Values\.([\w.]+)/g)) expect(valueAt(path), path).not.toBeUndefined();
    for (const [, piece] of text.matchAll(/include "([^"]+)"/g)) expect(all).toContain(`define "${piece}"`);
    for (const [, file = ''] of text.matchAll(/\.Files\.Get "([^"]+)"/g))
      expect(textOf(`${CHART}/${file}`)).not.toBe('');
  });
});

it('has the version of the project', () => {
  const { version } = dataOf<{ version: string }>('package.json');
  expect(dataOf<object>(`${CHART}/Chart.yaml`)).toMatchObject({ version, appVersion: version });
});

it('scales validators by what is ready and what is running, and by nothing that is paused or parked', async () => {
  const { database: db, close } = await testDatabase();
  try {
    const query = textOf(`${CHART}/files/validations.sql`);
    const counted = async () => Number((await db.$queryRawUnsafe<{ count: bigint }[]>(query))[0]?.count);
    expect(await counted()).toBe(0);
    const [ready, parked, paused] = [await seedRun(db), await seedRun(db), await seedRun(db, { stage: 'validate' })];
    const running = await seedRun(db, { stage: 'validate' });
    await seedRun(db, { stage: 'code' });
    expect(await counted()).toBe(4);
    await db.$executeRaw`UPDATE stage_run SET available_at = now() + interval '1 hour' WHERE id = ${parked.stageRunId}::uuid`;
    await db.$executeRaw`UPDATE stage_run SET state = 'running', lease_until = now() + interval '1 minute', lease_owner = 'somebody', fence = 1 WHERE id = ${running.stageRunId}::uuid`;
    await db.$executeRaw`UPDATE run SET paused_at = now() WHERE id = ${paused.runId}::uuid`;
    expect(await counted()).toBe(2);
    // The same as what the metrics and the API call ready and running.
    const backlog = (await readBacklog(db)).filter(({ queue }) => queue === 'validator');
    expect(await counted()).toBe(backlog.reduce((sum, one) => sum + one.ready + one.running, 0));
    await db.$executeRaw`INSERT INTO queue_control (queue, paused) VALUES ('validator', true) ON CONFLICT (queue) DO UPDATE SET paused = true`;
    expect(await counted()).toBe(1);
    expect(ready.runId).not.toBe(running.runId);
  } finally {
    await close();
  }
});

describe('rendered by helm', () => {
  const helm = (...args: readonly string[]) => spawnSync('helm', args, { encoding: 'utf8' });
  const absent = helm('version').status !== 0;
  const everything = ['autoscaling.enabled=true', 'serviceMonitor.enabled=true', 'results.existingClaim=results'];
  const set = everything.flatMap((one) => ['--set', one]);

  it.skipIf(absent)('passes its lint', () => {
    const { status, stdout } = helm('lint', '--strict', pathOf(CHART), ...set);
    expect(status, stdout).toBe(0);
  });

  it.skipIf(absent)('makes confined pods, and every kind of object', () => {
    const { status, stdout, stderr } = helm('template', 'release', pathOf(CHART), '--kube-version', '1.33.0', ...set);
    expect(status, stderr).toBe(0);
    const objects = parseAllDocuments(stdout)
      .map((document) => document.toJS())
      .filter(Boolean);
    const count = (kind: string) => objects.filter((one) => one.kind === kind).length;
    expect([count('Deployment'), count('Job'), count('PodDisruptionBudget'), count('NetworkPolicy')]).toEqual([
      5, 1, 5, 4,
    ]);
    expect([count('ServiceMonitor'), count('ScaledObject'), count('TriggerAuthentication')]).toEqual([1, 1, 1]);
    for (const { kind, spec } of objects.filter((one) => ['Deployment', 'Job'].includes(one.kind))) {
      const pod = spec.template.spec;
      const [container] = pod.containers;
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      });
      if (kind === 'Deployment')
        expect(Object.keys(container)).toEqual(expect.arrayContaining(['readinessProbe', 'livenessProbe']));
      expect(JSON.stringify(pod)).not.toMatch(/privileged|docker\.sock|hostPath/);
    }
    const validator = objects.find((one) => one.kind === 'Deployment' && /-validator$/.test(one.metadata.name));
    expect(validator.spec.replicas).toBeUndefined();
    expect(JSON.stringify(validator)).not.toMatch(/api-token|anthropic|openai|discord|"github-token"/);
  });

  it.skipIf(absent)('refuses values that the schema refuses', () => {
    expect(
      helm('template', 'release', pathOf(CHART), '--kube-version', '1.33.0', '--set', 'imagee.tag=x').status,
    ).not.toBe(0);
  });
});

function valueAt(path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], values);
}
