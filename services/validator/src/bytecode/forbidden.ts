/** A reference that a pack of rules forbids, as class files hold it. */
interface Forbidden {
  /** The rule that says so in source; findings of class files carry the same pack. */
  readonly pack: string;
  /** Of a whole text of the constant pool: a name with slashes or, for reflection, dots; or part of a descriptor. */
  readonly pattern: RegExp;
}

const INTERNAL =
  '(?:sun[./](?:misc|reflect|nio|net|security|awt|java2d|util|invoke|print|font|tools|management|rmi|swing|text)|jdk[./]internal|com[./]sun[./](?:beans|corba|crypto|imageio|jmx|jndi|naming|org[./]apache|rmi|rowset|net[./]ssl|tools[./]javac[./](?:api|code|comp|file|jvm|main|parser|processing|tree|util)))[./][\\w$./]+';

export const FORBIDDEN: readonly Forbidden[] = [
  { pack: 'no-internal-jdk', pattern: new RegExp(`(?:^|[(;L[])(${INTERNAL})`) },
  { pack: 'folia', pattern: /(?:^|[(;L[])(org[./]bukkit[./]scheduler[./](?:BukkitScheduler|BukkitRunnable))\b/ },
];

/** A class that asks for Folia first may use what Folia does not have. */
export const FOLIA_GUARD = /threadedregions[./]RegionizedServer/;

/** The forbidden names in the texts of a class, with dots. */
export function forbiddenIn(texts: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const text of texts) {
    if (text.length > 4_000) continue;
    for (const { pack, pattern } of FORBIDDEN) {
      const name = pattern.exec(text)?.[1]?.replaceAll('/', '.').replace(/\.+$/, '');
      if (name !== undefined) found.set(name, pack);
    }
  }
  return found;
}
