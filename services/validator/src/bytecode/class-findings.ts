import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { AppliedPack, ClassReport, Finding } from '@orchestrator/shared/contracts/verdict.ts';
import { forbiddenIn } from './forbidden.ts';

export interface ClassFindingsOptions {
  readonly base: ClassReport | null;
  readonly head: ClassReport | null;
  /** Packs that look at the change: theirs are the references that count. */
  readonly packs: readonly AppliedPack[];
  readonly publicApi: OrchestratorConfig['validate']['publicApi'];
  /** Whether the specification names a class or member: then its end was planned, and is a warning. Default: none. */
  readonly isPlanned?: (name: string) => boolean;
}

const MAX_FINDINGS = 30;
const JAVA_1 = 44;

/** What the class files of the change say against it, compared with those of the base commit. Pure. */
export function classFindings({
  base,
  head,
  packs,
  publicApi,
  isPlanned = () => false,
}: ClassFindingsOptions): Finding[] {
  if (head === null) return [];
  return [
    ...versionFindings(base, head),
    ...useFindings(base, head, new Set(packs.map((pack) => pack.id))),
    ...(publicApi === 'off' || base === null
      ? []
      : apiFindings(base, head, (name) => (isPlanned(name) ? 'warning' : publicApi))),
  ];
}

function versionFindings(base: ClassReport | null, { highest }: ClassReport): Finding[] {
  if (base === null || highest.major <= base.highest.major) return [];
  return [
    {
      check: 'policy.bytecode',
      code: 'CLASS_VERSION',
      severity: 'error',
      message: `${highest.className} is compiled for Java ${highest.major - JAVA_1} (class version ${highest.major}); before the change the highest was Java ${base.highest.major - JAVA_1}. Leave the release as it was.`,
    },
  ];
}

function useFindings(base: ClassReport | null, head: ClassReport, packs: ReadonlySet<string>): Finding[] {
  const known = new Set(base?.uses.map(({ className, names }) => `${className} ${names}`));
  return head.uses
    .filter(({ className, names }) => !known.has(`${className} ${names}`))
    .filter(({ names }) => packs.has(forbiddenIn([names]).get(names) ?? 'no-internal-jdk'))
    .slice(0, MAX_FINDINGS)
    .map(({ className, names, file }) => ({
      check: 'policy.bytecode',
      code: 'FORBIDDEN_CLASS',
      severity: 'error' as const,
      message: `The compiled class ${className} refers to ${names}. Use the exported or the region-aware API instead.`,
      ...(file === null ? {} : { file }),
    }));
}

function apiFindings(
  base: ClassReport,
  head: ClassReport,
  severityOf: (name: string) => 'error' | 'warning',
): Finding[] {
  const finding = (code: string, message: string, how: 'error' | 'warning'): Finding => ({
    check: 'policy.public-api',
    code,
    severity: how,
    message,
  });
  if (base.api === null || head.api === null)
    return [
      finding('PUBLIC_API_UNKNOWN', 'The public API is too large to be compared; nothing is known of it.', 'warning'),
    ];
  const now = new Set(head.api);
  const supers = new Map(
    head.api.flatMap((entry) => (entry.includes(' extends ') ? [entry.split(' extends ') as [string, string]] : [])),
  );
  const findings: Finding[] = [];
  const gone = new Set<string>();
  for (const entry of base.api) {
    const [className, parent] = entry.split(' extends ');
    if (parent === undefined || className === undefined || supers.has(className)) continue;
    gone.add(className);
    findings.push(
      finding(
        'PUBLIC_API_REMOVED',
        `The public class ${className} is gone; code that uses it no longer links.`,
        severityOf(className),
      ),
    );
  }
  for (const entry of base.api) {
    const [className, member] = entry.split('#') as [string, string | undefined];
    if (member === undefined || gone.has(className) || now.has(entry)) continue;
    const where = inheritedFrom(className, member, supers, now);
    if (where === 'inherited') continue;
    findings.push(
      where === 'unknown'
        ? finding(
            'PUBLIC_API_UNKNOWN',
            `${className} no longer declares ${member}; whether it inherits it cannot be told.`,
            'warning',
          )
        : finding(
            'PUBLIC_API_REMOVED',
            `${className} no longer has ${member}; code that uses it no longer links.`,
            severityOf(nameOf(className, member)),
          ),
    );
  }
  return findings.slice(0, MAX_FINDINGS);
}

/** A constructor is named by its class. */
const nameOf = (className: string, member: string): string =>
  member.startsWith('<init>') ? className : `${className}#${member.split(' ')[0]}`;

/** A member that moved to a parent class is still there. A parent outside of the project may have it or not. */
function inheritedFrom(
  className: string,
  member: string,
  supers: ReadonlyMap<string, string>,
  now: ReadonlySet<string>,
) {
  let parent = supers.get(className);
  for (let depth = 0; depth < 50 && parent !== undefined && supers.has(parent); depth++) {
    if (now.has(`${parent}#${member}`)) return 'inherited';
    parent = supers.get(parent);
  }
  const isConstructor = member.startsWith('<init>');
  return isConstructor || parent === undefined || parent === 'java.lang.Object' || parent === 'java.lang.Record'
    ? 'gone'
    : 'unknown';
}
