import { type Check, textOf } from '../check.ts';

/** A model writes text. Bytes that no one can review are refused. */
export default {
  id: 'binary',
  run: ({ written }) =>
    written
      // A file in another encoding that was so before is the repository's own way.
      .filter(
        ({ content, before }) =>
          textOf(content) === null && (content.includes(0) || before === null || textOf(before) !== null),
      )
      .map(({ path }) => ({
        check: 'policy.binary',
        code: 'BINARY_FILE',
        severity: 'error',
        message: `${path} is no UTF-8 text. Only text files may be written.`,
        file: path,
      })),
} satisfies Check;
