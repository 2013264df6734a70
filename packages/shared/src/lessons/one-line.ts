import { cleanText } from '../text/clean-text.ts';

/** A lesson as it stands in prompts and files: visible characters only, without secrets. */
export const oneLine = (text: string): string => cleanText(text).replace(/\s+/g, ' ').trim();
