import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { AppliedPack } from '@orchestrator/shared/contracts/verdict.ts';
import picomatch from 'picomatch';
import { type ProjectFiles, signOf } from './applies.ts';
import { type Pack, REPOSITORY_PACK, type Rule } from './rule.ts';

export interface SelectedRules {
  readonly rules: readonly Rule[];
  readonly packs: readonly AppliedPack[];
  /** Names in the configuration that fit no pack and no rule. */
  readonly unknown: readonly string[];
}

export interface SelectOptions {
  readonly packs: readonly Pack[];
  /** The repository's own. */
  readonly own: readonly Rule[];
  readonly config: OrchestratorConfig['validate']['rules'];
  /** The base commit and the commit of the change: a change can turn a pack on, never off. */
  readonly projects: readonly ProjectFiles[];
}

/** Which rules look at a change: those of packs that are switched on or fit the project, without those switched off. */
export async function selectRules({ packs, own, config, projects }: SelectOptions): Promise<SelectedRules> {
  const applied: AppliedPack[] = [];
  const rules: Rule[] = [];
  const sign = async (when: Parameters<typeof signOf>[0]) => {
    for (const project of projects) {
      const found = await signOf(when, project);
      if (found !== null) return found;
    }
    return null;
  };
  for (const pack of packs) {
    if (names(config.off, pack.id)) continue;
    const found = names(config.on, pack.id) ? '' : await sign(pack.applies_when);
    if (found === null) continue;
    applied.push({ id: pack.id, why: found === '' ? 'validate.rules.on' : `detected by ${found}` });
    rules.push(...pack.rules);
  }
  for (const rule of own)
    if (rule.applies_when === undefined || (await sign(rule.applies_when)) !== null) rules.push(rule);
  if (rules.some((rule) => rule.pack === REPOSITORY_PACK) && !names(config.off, REPOSITORY_PACK))
    applied.push({ id: REPOSITORY_PACK, why: '.orchestrator/rules' });
  const all = [...packs.flatMap((pack) => [pack.id, ...pack.rules.map((rule) => rule.name)])];
  const every = [...all, REPOSITORY_PACK, ...own.map((rule) => rule.name)];
  return {
    packs: applied,
    rules: rules
      .filter((rule) => !names(config.off, rule.name) && !names(config.off, rule.pack))
      .map((rule) =>
        names(config.warn, rule.name) || names(config.warn, rule.pack) ? { ...rule, severity: 'warning' } : rule,
      ),
    unknown: [...config.on, ...config.off, ...config.warn].filter(
      (name) => !every.some((each) => picomatch.isMatch(each, name)),
    ),
  };
}

const names = (list: readonly string[], name: string): boolean => list.some((each) => picomatch.isMatch(name, each));
