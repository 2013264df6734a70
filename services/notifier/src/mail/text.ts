import { cleanText } from '@orchestrator/shared/text/clean-text.ts';
import { cut } from '@orchestrator/shared/text/cut.ts';
import type { Notice } from '../channel.ts';
import { commonFields } from '../told/common-fields.ts';
import { httpUrl } from '../told/http-url.ts';
import { partsOf } from '../told/parts.ts';
import { epochSeconds, type Style } from '../told/style.ts';

/** Plain text has no formatting to be abused, so it is only cleaned and cut. */
const plainStyle: Style = {
  words: (text, maxCharacters) => cut(cleanText(text).trim(), maxCharacters),
  code: (text, maxCharacters = 200) => cut(cleanText(text).replace(/\s+/g, ' ').trim(), maxCharacters),
  strong: (word) => word.toUpperCase(),
  instant(iso) {
    const seconds = epochSeconds(iso);
    return seconds === null ? '' : new Date(seconds * 1000).toISOString();
  },
};

/** The event as a mail. The subject is one line. */
export function mailOf(notice: Notice): { readonly subject: string; readonly text: string } {
  const { heading, description = '', fields = [], url } = partsOf(notice, plainStyle);
  const { run } = notice;
  const title = run === null ? heading : `${heading}: ${plainStyle.code(run.title, 180)}`;
  const link = httpUrl(url) ?? httpUrl(run?.url);
  const lines = [...fields, ...commonFields(notice, plainStyle)]
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value.includes('\n') ? `\n${value}` : value}`);
  const parts = [description, lines.join('\n'), link ?? '', run === null ? '' : `${run.taskKey}, run ${run.id}`];
  return {
    subject: `[ai-orchestrator] ${title.replace(/\s+/g, ' ')}`,
    text: `${parts.filter(Boolean).join('\n\n')}\n`,
  };
}
