import type { OrchestratorConfig } from '../config/schema.ts';
import { AppError } from '../errors/app-error.ts';
import { type CatalogOverrides, findModel, type Model } from './catalog.ts';
import type { Role } from './types.ts';

export interface ResolvedModel {
  readonly model: Model;
  /** The model that was wanted but has ended: to be named in the log. */
  readonly replaced: { readonly id: string; readonly endedAt: Date } | null;
  /** The model ends within 60 days: to be reported at start. */
  readonly ending: { readonly at: Date; readonly days: number; readonly successor: string | null } | null;
}

const DEFAULTS: Readonly<Record<Role, string>> = {
  analyzer: 'anthropic/claude-sonnet-4-5',
  coder: 'openai/gpt-4.1',
  reviewer: 'anthropic/claude-sonnet-4-5',
};

const DAY_MS = 86_400_000;
const WARN_DAYS = 60;

/**
 * The model for a role at an instant. `configured: null` is the default of the day: the role's first model while the
 * vendor answers it, its successor afterwards. A configured model past its end is replaced by its successor, or refused
 * with `onRetired: 'refuse'` (MODEL_RETIRED). Throws MODEL_UNKNOWN for an id that is not exactly in the catalog.
 */
export function resolveModel(wanted: {
  readonly role: Role;
  readonly configured: string | null;
  readonly onRetired: OrchestratorConfig['models']['onRetired'];
  readonly now: Date;
  readonly overrides?: CatalogOverrides;
}): ResolvedModel {
  const { role, configured, onRetired, now, overrides = [] } = wanted;
  const first = findModel(configured ?? DEFAULTS[role], overrides);
  let model = first;
  const seen = new Set<string>();
  while (endOf(model) !== null && (endOf(model) as Date) <= now) {
    const refuse = configured !== null && onRetired === 'refuse';
    if (refuse || model.successor === null || seen.has(model.id)) {
      throw new AppError('MODEL_RETIRED', {
        model: first.id,
        date: endOf(model)?.toISOString().slice(0, 10),
        successor: model.successor ?? 'another model of `orchestrator prices`',
      });
    }
    seen.add(model.id);
    model = findModel(model.successor, overrides);
  }
  const end = endOf(model);
  const days = end === null ? Number.POSITIVE_INFINITY : Math.floor((end.getTime() - now.getTime()) / DAY_MS);
  return {
    model,
    replaced: model === first ? null : { id: first.id, endedAt: endOf(first) as Date },
    ending: end !== null && days <= WARN_DAYS ? { at: end, days, successor: model.successor } : null,
  };
}

const endOf = (model: Model): Date | null => (model.retirement === null ? null : new Date(model.retirement.at));
