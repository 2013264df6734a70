import { cleanMarkdown } from '@orchestrator/shared/text/clean-markdown.ts';
import { cleanLines } from '@orchestrator/shared/text/clean-text.ts';
import { SECRET_MASK } from './secret-mask.ts';

const asMask = (): string => SECRET_MASK;

/**
 * A text of a repository as a model may see it: without invisible characters and secrets. Lines stay lines: a model
 * quotes them as context, and the guard finds them again.
 */
export const cleanFileText = (text: string): string => cleanLines(text, asMask);

/** A text that people or programs wrote for the pipeline: also without HTML comments, which no reader of the page sees. */
export const cleanProse = (text: string): string =>
  cleanMarkdown(text, asMask)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
