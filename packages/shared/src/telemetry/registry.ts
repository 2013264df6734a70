import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type Metric, type MetricName, type Sample } from './metrics.ts';
import { receiveMeasurements } from './record.ts';

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** Values that are read at the moment when somebody asks. One that fails must not hide the others: it is left out. */
export type Sampler = () => Promise<readonly Sample[]>;

export interface MetricsPage {
  render(): Promise<Exposition>;
}

/** The page for Prometheus. The library is loaded when it is asked for first. */
export function createMetricsPage(samplers: readonly Sampler[], failed: (error: unknown) => void): MetricsPage {
  let opening: Promise<{ registry: Registry; set: (samples: readonly Sample[]) => void }> | undefined;
  return {
    async render() {
      opening ??= openRegistry();
      const { registry, set } = await opening;
      const samples = await Promise.all(
        samplers.map((sampler) =>
          sampler().catch((error: unknown) => {
            failed(error);
            return [];
          }),
        ),
      );
      set(samples.flat());
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

let opened: ReturnType<typeof open> | undefined;

/** One a process, as what is recorded. */
const openRegistry = (): ReturnType<typeof open> => {
  opened ??= open();
  return opened;
};

async function open() {
  const { default: prom } = await import('prom-client');
  const registry = new prom.Registry();
  prom.collectDefaultMetrics({ register: registry });
  const gauges = new Map<string, Gauge>();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  for (const [name, { type, help, labels, buckets }] of Object.entries(METRICS) as [MetricName, Metric][]) {
    const shape = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'gauge') gauges.set(name, new prom.Gauge(shape));
    else if (type === 'counter') counters.set(name, new prom.Counter(shape));
    else histograms.set(name, new prom.Histogram({ ...shape, buckets: [...(buckets ?? [])] }));
  }
  receiveMeasurements(({ name, labels, value }) => {
    counters.get(name)?.inc({ ...labels }, value);
    histograms.get(name)?.observe({ ...labels }, value);
  });
  return {
    registry,
    set(samples: readonly Sample[]) {
      // A value that is not told any more is gone, such as that of a budget whose window ended.
      for (const gauge of gauges.values()) gauge.reset();
      for (const { name, labels, value } of samples) gauges.get(name)?.set({ ...labels }, value);
    },
  };
}
