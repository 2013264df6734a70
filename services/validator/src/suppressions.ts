import type { OrchestratorConfig } from '@orchestrator/shared/config/schema.ts';
import type { Finding, SuppressedFinding } from '@orchestrator/shared/contracts/verdict.ts';
import picomatch from 'picomatch';
import { textOf, type WrittenFile } from './check.ts';

/** What checks found, parted into what counts and what does not. */
export interface Sifted {
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
}

type Settings = Pick<OrchestratorConfig['validate'], 'suppress' | 'newSuppressions'>;

/** `orchestrator-ignore rule: reason` on the line or the one above; `orchestrator-ignore-file` anywhere in the file. */
const COMMENT = /\borchestrator-ignore(-file)?[ \t]+([\w./*-]+(?:,[ \t]*[\w./*-]+)*)[ \t]*:[ \t]*(\S[^\n]{0,300})/;
const REFUSED =
  'The comment that would suppress it is new; only comments of the base commit count (validate.newSuppressions).';

/** Sorts out what the configuration of the base commit, or a comment in the file, says does not count. */
export function sift(findings: readonly Finding[], written: readonly WrittenFile[], settings: Settings): Sifted {
  const counting: Finding[] = [];
  const suppressed: SuppressedFinding[] = [];
  const comments = new Map<string, readonly Comment[]>();
  for (const finding of findings) {
    const entry = settings.suppress.find(
      (each) => isMeant(finding, each.finding) && (each.files === undefined || inFiles(finding, each.files)),
    );
    if (entry !== undefined) {
      suppressed.push({ finding, by: 'configuration', reason: entry.reason });
      continue;
    }
    const comment = commentFor(finding, written, comments);
    if (comment === null) counting.push(finding);
    else if (comment.isNew && settings.newSuppressions === 'refuse')
      counting.push({ ...finding, message: `${finding.message} ${REFUSED}` });
    else suppressed.push({ finding, by: 'comment', reason: comment.reason });
  }
  return { findings: counting, suppressed };
}

interface Comment {
  readonly line: number;
  readonly wholeFile: boolean;
  readonly names: readonly string[];
  readonly reason: string;
  readonly isNew: boolean;
}

/** Only findings about a place in a text can be suppressed in the text. */
function commentFor(
  finding: Finding,
  written: readonly WrittenFile[],
  known: Map<string, readonly Comment[]>,
): Comment | null {
  const file = finding.line === undefined ? undefined : written.find(({ path }) => path === finding.file);
  if (file === undefined) return null;
  const comments = known.get(file.path) ?? commentsOf(file);
  known.set(file.path, comments);
  const fitting = comments.filter(
    ({ line, wholeFile, names }) =>
      (wholeFile || line === finding.line || line + 1 === finding.line) && names.some((name) => isMeant(finding, name)),
  );
  return fitting.find((comment) => !comment.isNew) ?? fitting[0] ?? null;
}

function commentsOf({ content, before }: WrittenFile): readonly Comment[] {
  const old = new Set((before === null ? '' : (textOf(before) ?? '')).split('\n').map((line) => line.trim()));
  return (textOf(content) ?? '').split('\n').flatMap((text, index) => {
    const match = COMMENT.exec(text);
    if (match === null) return [];
    return [
      {
        line: index + 1,
        wholeFile: match[1] !== undefined,
        names: (match[2] ?? '').split(/,[ \t]*/),
        reason: (match[3] ?? '').trim(),
        isNew: !old.has(text.trim()),
      },
    ];
  });
}

/** A name means a check (with or without `policy.`), a code or a rule. */
const isMeant = ({ check, code }: Finding, name: string): boolean =>
  [check, check.replace(/^policy\./, ''), code].some((each) => picomatch.isMatch(each, name));

const inFiles = ({ file }: Finding, globs: readonly string[]): boolean =>
  file !== undefined && picomatch.isMatch(file, [...globs], { dot: true });
