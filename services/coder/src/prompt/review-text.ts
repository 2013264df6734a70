import type { Review, ReviewItem } from '@orchestrator/shared/contracts/review.ts';
import { cleanProse } from '../text/clean-text.ts';

/** As much as findings of the validator may take. */
const MAX_CHARACTERS = 4_000;
const MAX_ITEM_CHARACTERS = 1_200;

/** What reviewers and checks said, as Markdown for the coder; what does not fit is counted. */
export function reviewText({ items }: Review): string {
  const parts: string[] = [];
  let left = MAX_CHARACTERS;
  for (const item of items) {
    const text = itemText(item);
    if (text.length > left) break;
    left -= text.length;
    parts.push(text);
  }
  const more = items.length - parts.length;
  return [...parts, ...(more > 0 ? [`(and ${more} more)`] : [])].join('\n\n');
}

function itemText({ source, author, path, line, body }: ReviewItem): string {
  const place = path === null ? '' : ` on ${path}${line === null ? '' : `:${line}`}`;
  const who = source === 'check' ? `Check ${author} failed` : `${author} wrote`;
  return `${who}${place}:\n${cleanProse(body).slice(0, MAX_ITEM_CHARACTERS)}`;
}
