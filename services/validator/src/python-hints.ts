import type { Project } from './detector.ts';
import { workflowCommands } from './workflow-commands.ts';

/** What a project's own automation installs for its tests. */
export interface PythonHints {
  /** Requirements, as pip takes them. */
  readonly packages: readonly string[];
  /** Requirement files of the repository. */
  readonly requirements: readonly string[];
  /** Extras of the project itself. */
  readonly extras: readonly string[];
  /** Commands that they run, as text. */
  readonly commands: string;
}

/** Of tox.ini (or its section in setup.cfg) and of the workflows in .github/workflows. Nothing of them is run. */
export function pythonHints({ files, read }: Pick<Project, 'files' | 'read'>): PythonHints {
  const tox = toxEnvironment(read('tox.ini') ?? '');
  const commands = [...tox.commands, ...workflowCommands({ files, read })];
  const lines = [...tox.deps, ...commands.flatMap(pipArguments)];
  const requirements = lines.flatMap((line) => /^-r\s*(.+)$/.exec(line)?.[1] ?? []);
  return {
    packages: tox.deps.filter((line) => /^[A-Za-z0-9]/.test(line) && !/[{}]/.test(line)),
    requirements: [...new Set(requirements.map((path) => path.replace(/^\.\//, '')))].filter((path) => files.has(path)),
    extras: [
      ...new Set([
        ...tox.extras,
        ...lines.flatMap((line) => /^(?:-e\s*)?\.\[([\w,.-]+)\]$/.exec(line)?.[1]?.split(',') ?? []),
      ]),
    ],
    commands: commands.join('\n'),
  };
}

/** What `pip install` is given, split where options end; `-r x` stays together. */
function pipArguments(command: string): string[] {
  const given = /\bpip3?\s+install\s+(.+)$/.exec(command)?.[1];
  if (given === undefined) return [];
  const words = given.replace(/["']/g, '').split(/\s+/);
  return words.flatMap((word, index) =>
    ['-r', '-e', '--requirement', '--editable'].includes(word)
      ? [`${word === '--requirement' ? '-r' : word === '--editable' ? '-e' : word} ${words[index + 1] ?? ''}`]
      : word.startsWith('.[')
        ? [word]
        : [],
  );
}

interface ToxEnvironment {
  readonly deps: readonly string[];
  readonly extras: readonly string[];
  readonly commands: readonly string[];
}

/** The section [testenv]; conditions such as `py39: x` are left out. */
function toxEnvironment(text: string): ToxEnvironment {
  const section = /^\[testenv\]\n((?:(?!\[).*\n?)*)/m.exec(text.replaceAll('\r\n', '\n'))?.[1] ?? '';
  const values = (key: string): string[] => {
    const found = new RegExp(`^${key}\\s*=(.*(?:\\n(?:[ \\t]+.*|[ \\t]*))*)`, 'm').exec(section)?.[1] ?? '';
    return found
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#') && !/^[\w!{},-]+:\s/.test(line));
  };
  return {
    deps: values('deps'),
    extras: values('extras').flatMap((line) => line.split(/[\s,]+/)),
    commands: values('commands'),
  };
}
