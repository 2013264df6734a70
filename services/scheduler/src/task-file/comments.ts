/** An HTML comment in a text; `start` and `end` enclose its delimiters. */
export interface Comment {
  readonly start: number;
  readonly end: number;
  readonly value: string;
}

/** The comments of an HTML block, where backticks mean nothing. */
export function htmlComments(text: string): Comment[] {
  return scan(text, 0, () => undefined);
}

/** The comments of a paragraph or a heading; what is written in `code` is none. Takes linear time on any text. */
export function inlineComments(text: string): Comment[] {
  const closers = backtickRuns(text);
  return scan(text, 0, (at) => {
    if (text[at] === '\\' && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? '')) return at + 2;
    if (text[at] !== '`') return undefined;
    let length = 1;
    while (text[at + length] === '`') length += 1;
    const runs = closers.get(length) ?? [];
    while (runs.length > 0 && (runs.at(-1) as number) <= at) runs.pop();
    const close = runs.at(-1);
    return close === undefined ? at + length : close + length;
  });
}

/** Where the runs of each length begin, last one first. */
function backtickRuns(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const { index, 0: run } of text.matchAll(/`+/g)) {
    const same = runs.get(run.length);
    if (same) same.push(index);
    else runs.set(run.length, [index]);
  }
  for (const same of runs.values()) same.reverse();
  return runs;
}

function scan(text: string, from: number, skip: (at: number) => number | undefined): Comment[] {
  const comments: Comment[] = [];
  for (let at = from; at < text.length; ) {
    if (text.startsWith('<!--', at)) {
      // <!--> and <!---> are comments too, empty ones.
      const close = text.indexOf('-->', at + 2);
      if (close < 0) return comments;
      comments.push({ start: at, end: close + 3, value: text.slice(at + 4, close) });
      at = close + 3;
    } else {
      at = skip(at) ?? at + 1;
    }
  }
  return comments;
}
