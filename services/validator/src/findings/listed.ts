const NAMED = 10;

/** Names as a Markdown list: the first few, and how many more there are. */
export const listed = (names: readonly string[]): string =>
  [
    ...names.slice(0, NAMED).map((name) => `- ${name}`),
    ...(names.length > NAMED ? [`and ${names.length - NAMED} more`] : []),
  ].join('\n');
