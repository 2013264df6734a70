import { byPatterns } from './signature-language.ts';

/** The headings. */
export const markdown = byPatterns(['md', 'markdown', 'mdx'], [/^#{1,4}\s/], /$^/);
