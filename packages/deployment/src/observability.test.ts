import { readFileSync } from 'node:fs';
import { METRICS } from '@orchestrator/shared/telemetry/metrics.ts';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { dataOf } from './files.ts';

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}
interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}
const { groups } = dataOf<{ groups: readonly { rules: readonly AlertRule[] }[] }>('deploy/observability/alerts.yml');
const rules = groups.flatMap((group) => group.rules);
const dashboard = dataOf<{ uid: string; panels: readonly Panel[] }>(
  'deploy/observability/grafana/dashboards/ai-orchestrator.json',
);
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

describe.each(expressions)('%s', (_name, expression) => {
  const found = [...expression.matchAll(/\b(orchestrator_\w+?)(_bucket|_count|_sum)?\b(\{[^}]*\})?/g)];

  it('asks for metrics that exist, by labels that they have', () => {
    for (const [, name = '', suffix, selector = ''] of found) {
      const metric: { type: string; labels: readonly string[] } | undefined = METRICS[name as keyof typeof METRICS];
      expect(metric, name).toBeDefined();
      expect(suffix !== undefined, name).toBe(metric?.type === 'histogram');
      for (const [, label] of selector.matchAll(/(\w+)=/g))
        if (!['job', 'service', 'instance'].includes(label ?? '')) expect(metric?.labels, name).toContain(label);
    }
  });

  it('adds up what processes count, and takes the maximum of what the database tells every scheduler', () => {
    for (const [, name = ''] of found) {
      const { from, type } = METRICS[name as keyof typeof METRICS];
      if (from === 'database')
        expect(expression).toMatch(new RegExp(`max( by \\([\\w, ]+\\))? \\(?[^)]*${name}|max\\(${name}`));
      else if (type !== 'gauge') expect(expression).toMatch(/sum/);
    }
  });

  it('is a query of Prometheus, by its own grammar', () => {
    const problems: string[] = [];
    parser.parse(expression).iterate({
      enter({ type, from, to }) {
        if (type.isError) problems.push(`at ${from}: ${expression.slice(Math.max(0, from - 10), to + 10)}`);
      },
    });
    expect(problems).toEqual([]);
  });
});

it('names every alert once, and says how bad it is', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^Orchestrator[A-Z]/);
    expect(['info', 'warning', 'critical']).toContain(labels.severity);
    expect(annotations.summary).not.toBe('');
  }
});

it('is told of in docs/operations.md alert by alert, with what to do, and the page tells of no other', () => {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const told = [...page.matchAll(/^### (Orchestrator\w+)$/gm)].map(([, alert]) => alert);
  expect(told.sort()).toEqual(rules.map(({ alert }) => alert).sort());
});

it('lays the panels out within the width, none over another', () => {
  const taken = new Set<string>();
  for (const { title, gridPos } of dashboard.panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x, title).toBeLessThan(24);
        expect(taken.has(`${x},${y}`), title).toBe(false);
        taken.add(`${x},${y}`);
      }
});

it('asks every service of the stack', () => {
  const prometheus = dataOf<{ scrape_configs: readonly { dns_sd_configs: readonly { names: readonly string[] }[] }[] }>(
    'deploy/observability/prometheus.yml',
  );
  const names = prometheus.scrape_configs.flatMap(({ dns_sd_configs }) => dns_sd_configs.flatMap((one) => one.names));
  expect(names.sort()).toEqual(['analyzer', 'coder', 'notifier', 'scheduler', 'validator']);
});
