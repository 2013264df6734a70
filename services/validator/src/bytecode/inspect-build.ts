import type { ClassReport } from '@orchestrator/shared/contracts/verdict.ts';
import { type CommandSetting, runCommand, succeeded } from '../run-commands.ts';
import { inspectClasses, sourceOfName } from './inspect-classes.ts';

const MAX_FOLDERS = 20;
/** `   a.B   -> sun.misc.Unsafe   JDK internal API (jdk.unsupported)` */
const USE = /^\s+([\w.$]{1,300})\s+->\s+([\w.$]{1,300})\s+JDK internal API/gm;

/** What the class files of a build say, jdeps' word included where the box has one. null: no class was made. */
export async function inspectBuild(setting: CommandSetting, files: readonly string[]): Promise<ClassReport | null> {
  const inspected = await inspectClasses(setting.directory.work, files);
  if (inspected === null || inspected.folders.length === 0) return inspected?.report ?? null;
  const { report, folders } = inspected;
  const argv = ['jdeps', '--jdk-internals', '--multi-release', 'base', ...folders.slice(0, MAX_FOLDERS)] as const;
  const { result } = await runCommand({ step: 'build', cwd: '', argv }, setting);
  // A machine without a JDK, or a build that jdeps does not take: what the class files say themselves stands.
  if (!succeeded(result)) return report;
  const known = new Set(report.uses.map(({ className, names }) => `${className} ${names}`));
  const more = [...result.output.matchAll(USE)].flatMap(([, className = '', names = '']) =>
    known.has(`${className} ${names}`) ? [] : [{ className, names, file: sourceOfName(className, files) }],
  );
  return { ...report, uses: [...report.uses, ...more] };
}
