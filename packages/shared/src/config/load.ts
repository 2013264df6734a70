import { configKeys } from './keys.ts';
import { type ConfigProblem, configInvalid, toProblems } from './problem.ts';
import { OrchestratorConfig } from './schema.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/** Where a value of the effective configuration came from: `default`, or `file:line`. */
export type ValueSource = string;

export interface LoadedConfig {
  readonly config: OrchestratorConfig;
  /** By dotted key of every value (not of sections); a list is one value. */
  readonly sources: ReadonlyMap<string, ValueSource>;
}

export interface ConfigTexts {
  /** The repository's orchestrator.yaml at the base commit; null: it has none. */
  readonly repoText: string | null;
  /** How the file is called in messages. */
  readonly repoFile: string;
  /** The operator's own file; null: there is none. It wins, key by key. */
  readonly operatorText: string | null;
  readonly operatorFile: string;
}

interface Layer {
  readonly file: string;
  readonly source: YamlSource;
  readonly raw: Record<string, unknown>;
  readonly problems: readonly ConfigProblem[];
}

/** One file on its own. Throws CONFIG_INVALID with every problem, each with its place and what to do. */
export function parseConfig(yamlText: string, file: string): OrchestratorConfig {
  return loadConfig({ repoText: yamlText, repoFile: file, operatorText: null, operatorFile: '' }).config;
}

/** The repository's file with the operator's on top. Throws CONFIG_INVALID with the problems of both. */
export function loadConfig({ repoText, repoFile, operatorText, operatorFile }: ConfigTexts): LoadedConfig {
  const layers: Layer[] = [];
  if (repoText !== null) layers.push(readLayer(repoText, repoFile));
  if (operatorText !== null) layers.push(readLayer(operatorText, operatorFile));
  const problems = layers.flatMap((layer) => layer.problems);
  if (problems.length > 0) throw configInvalid(problems);
  const config = OrchestratorConfig.parse(
    layers.reduce<Record<string, unknown>>((merged, { raw }) => merge(merged, raw), {}),
  );
  return { config, sources: sourcesOf(layers) };
}

function readLayer(text: string, file: string): Layer {
  const source = readYaml(text);
  const broken = source.syntaxErrors.map(({ line, column, problem }) => ({
    file,
    line,
    column,
    field: '',
    problem,
    fix: 'Correct the YAML.',
  }));
  if (broken.length > 0) return { file, source, raw: {}, problems: broken };
  if (source.value === null || source.value === undefined) return { file, source, raw: {}, problems: [] };
  if (!isSection(source.value)) {
    return {
      file,
      source,
      raw: {},
      problems: [
        {
          file,
          line: 1,
          column: 1,
          field: '',
          problem: 'must hold keys and values',
          fix: 'docs/configuration.md lists every key.',
        },
      ],
    };
  }
  const raw = dropEmptySections(source.value, '');
  const parsed = OrchestratorConfig.safeParse(raw);
  return { file, source, raw, problems: parsed.success ? [] : toProblems(parsed.error.issues, source, file) };
}

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A section whose keys are all commented out reads as null in YAML: it says nothing. */
function dropEmptySections(section: Record<string, unknown>, prefix: string): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(section)) {
    const key = prefix + name;
    if (value === null && configKeys().some((known) => known.key === key && known.section)) continue;
    const cleaned = isSection(value) ? dropEmptySections(value, `${key}.`) : value;
    Object.defineProperty(kept, name, { value: cleaned, enumerable: true, writable: true, configurable: true });
  }
  return kept;
}

/** Sections are merged key by key; values and lists are replaced. Both sides passed the schema: no unknown key is left. */
function merge(below: Record<string, unknown>, above: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const under = merged[name];
    merged[name] = isSection(under) && isSection(value) ? merge(under, value) : value;
  }
  return merged;
}

function sourcesOf(layers: readonly Layer[]): Map<string, ValueSource> {
  const sources = new Map<string, ValueSource>();
  for (const { key, section } of configKeys()) {
    if (section || key.includes('[]')) continue;
    const path = key.split('.');
    const layer = layers.findLast(({ raw }) => has(raw, path));
    sources.set(key, layer ? `${layer.file}:${layer.source.atKey(path).line}` : 'default');
  }
  return sources;
}

function has(section: unknown, path: readonly string[]): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return true;
  return isSection(section) && Object.hasOwn(section, name) && has(section[name], rest);
}
