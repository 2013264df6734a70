import type { AppliedPart, Rejection } from '../guard/rejection.ts';
import { cleanFileText } from '../text/clean-text.ts';
import { cutToTokens } from './count-tokens.ts';
import { taggerFor } from './tagged.ts';

const MAX_REJECTIONS = 10;
const MAX_TOKENS = 3_000;
const MAX_PATH_CHARS = 200;

/** What a model is told when its reply could not be applied. */
export function rejectionMessage(rejections: readonly Rejection[], applied: readonly AppliedPart[]): string {
  const tagged = taggerFor(
    rejections.flatMap((rejection) => [rejection.problem, ...rejection.nearest.map((line) => line.text)]),
  );
  const named = rejections.slice(0, MAX_REJECTIONS).map((rejection, i) => {
    const lines = rejection.nearest.map(({ line, text }) => `${String(line).padStart(5)} | ${text}`).join('\n');
    const nearest =
      lines === '' ? '' : `\n${tagged('lines', lines, rejection.path === null ? {} : { path: rejection.path })}`;
    return `${i + 1}. ${placeOf(rejection)}${rejection.code}: ${cleanFileText(rejection.problem)}${nearest}`;
  });
  const more = rejections.length - named.length;
  return [
    'Nothing of your reply was applied: a change is taken whole or not at all.',
    cutToTokens(named.join('\n'), MAX_TOKENS),
    ...(more > 0 ? [`${more} more problem(s) of the same kinds are not listed.`] : []),
    ...(applied.length > 0 ? [`These parts fit and need no correction: ${listed(applied)}.`] : []),
    rejections.some((rejection) => rejection.code === 'TRUNCATED')
      ? 'Answer again with a shorter reply: patches with few unchanged lines instead of whole files, and no explanation.'
      : 'Send the whole answer again in the same form, with these problems corrected and the parts that fit unchanged.',
  ].join('\n\n');
}

/** One line for logs, events and the end of a run. */
export function describeRejection(rejection: Rejection): string {
  return `${placeOf(rejection)}${cleanFileText(rejection.problem)}`;
}

function placeOf({ path, hunk }: Rejection): string {
  if (path === null) return '';
  const shown = cleanFileText(path.slice(0, MAX_PATH_CHARS));
  return hunk === null ? `${shown}: ` : `${shown}, hunk ${hunk}: `;
}

function listed(parts: readonly AppliedPart[]): string {
  const shown = parts.slice(0, 20).map(({ path, hunk }) => (hunk === null ? path : `${path} hunk ${hunk}`));
  return (
    cleanFileText(shown.join(', ')) + (parts.length > shown.length ? ` and ${parts.length - shown.length} more` : '')
  );
}
