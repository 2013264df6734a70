/** Files without an extension that are still files. */
const BARE_NAMES =
  /^(?:Makefile|Dockerfile|LICENSE|README|CHANGELOG|Gemfile|Rakefile|Procfile|gradlew|mvnw|\.[a-z][\w.-]*)$/;

const looksLikePath = (text: string): boolean =>
  text.length <= 1024 &&
  !/^https?:/.test(text) &&
  (/\.[A-Za-z0-9_+-]{1,12}$/.test(text) ||
    BARE_NAMES.test(text.split('/').at(-1) ?? '') ||
    /^[\w.@-]+(?:\/[\w.@ -]+)+$/.test(text));

/**
 * The path of a line that holds nothing but a path and its decoration: `### src/a.ts`, `**src/a.ts**`, `File: src/a.ts`,
 * `1. \`src/a.ts\` (new)`. Null for prose that merely mentions a path.
 */
export function pathOfLine(line: string): string | null {
  let text = line.trim().replace(/^(?:#{1,6}|[-*+]|\d+[.)])\s+/, '');
  text = text.replace(/^(?:\*\*|__)(.*?)(?:\*\*|__)(:?)$/, '$1$2');
  text = text
    .replace(
      /^(?:(?:new|create|created|update|updated|modified|modify|replace)\s+)?(?:file ?name|filepath|file|path)\s*:\s*/i,
      '',
    )
    .trim();
  text = text.replace(/^(?:create|update|modify|replace|add|new)\s*:?\s+(?=[`"'*]|\S+$)/i, '');
  text = text
    .replace(/\s*:$/, '')
    .replace(/\s*\((?:new|updated|modified|created|new file|full|complete|changed)[^)]*\)$/i, '')
    .replace(/\s*:$/, '');
  const quoted = /^(?:\*\*)?([`"'])(.+?)\1(?:\*\*)?$/.exec(text);
  if (quoted) text = (quoted[2] as string).trim();
  else if (/\s/.test(text)) return null;
  text = text.replace(/^\*\*(.+)\*\*$/, '$1');
  return looksLikePath(text) ? text : null;
}

/** The only path between backticks in a sentence, such as "In `src/a.ts`, replace this:". */
export function pathInProse(line: string): string | null {
  const paths = [...line.matchAll(/`([^`\s]+)`/g)].map((match) => match[1] as string).filter(looksLikePath);
  return paths.length === 1 ? (paths[0] as string) : null;
}

/** The path in the info string of a fence: `ts src/a.ts`, `ts:src/a.ts`, `src/a.ts`, `ts title="src/a.ts"`. */
export function pathOfFence(info: string): string | null {
  const named = /(?:^|\s)(?:path|file|filename|title|name|filepath)\s*[=:]\s*(?:"([^"]+)"|'([^']+)'|(\S+))/i.exec(info);
  if (named) return (named[1] ?? named[2] ?? named[3]) as string;
  const joined = /^[\w+#-]*:(.+)$/.exec(info.trim());
  if (joined && looksLikePath((joined[1] as string).trim())) return (joined[1] as string).trim();
  const words = info.trim().split(/\s+/);
  const last = words.at(-1) ?? '';
  return words.length <= 2 && (/[./]/.test(last) || BARE_NAMES.test(last)) && looksLikePath(last) ? last : null;
}
