import { type Prepared, type PrepareOptions, prepareDependencies } from './prepared.ts';

/**
 * The dependencies of a change whose packages differ from the base's: fetched by the base's commands from the change's
 * manifests, without running anything of it, and only from hosts that the base's own packages came from. `base`: those of
 * the base, which stand in where the ecosystem has no such way.
 */
export async function prepareChange(
  options: Omit<PrepareOptions, 'commit'> & { readonly baseCommit: string; readonly headCommit: string },
  base: Prepared,
): Promise<Prepared> {
  const { recipe, headCommit } = options;
  if (recipe.fetch === undefined || base.failed) return base;
  const prepared = await prepareDependencies({
    ...options,
    commit: headCommit,
    recipe: { ...recipe, prepare: recipe.fetch },
    onlyHosts: base.network.hosts,
  });
  return {
    ...prepared,
    commands: [...base.commands, ...prepared.commands],
    network: {
      hosts: [...new Set([...base.network.hosts, ...prepared.network.hosts])].sort(),
      refused: [...new Set([...base.network.refused, ...prepared.network.refused])].sort(),
    },
  };
}
