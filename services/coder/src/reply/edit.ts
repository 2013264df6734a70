/** One line of a hunk, as the model wrote it, without its line ending. */
export interface HunkLine {
  readonly op: 'keep' | 'delete' | 'insert';
  readonly text: string;
}

/** A place in a file (the kept and deleted lines, in order) and what to make of it. */
export interface Hunk {
  /** Lines that enclose the place from outside to inside, such as a class and its method. They only narrow the search. */
  readonly anchors: readonly string[];
  readonly lines: readonly HunkLine[];
  /** The model says that the hunk ends at the end of the file. */
  readonly atEnd: boolean;
}

/** What a model wants to be done with one path. Paths are as the model wrote them: the guard judges them. */
export type Edit =
  | { readonly kind: 'update'; readonly path: string; readonly moveTo: string | null; readonly hunks: readonly Hunk[] }
  /** `create`: the model believes that there is no such file; `replace`: whole content, whether there is one or not. */
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly intent: 'create' | 'replace';
      readonly lines: readonly string[];
    }
  | { readonly kind: 'delete'; readonly path: string };

/** A part of a reply that looks like an edit but cannot be read as one. */
export interface ReplyProblem {
  readonly path: string | null;
  readonly code: 'MALFORMED_PATCH' | 'MALFORMED_BLOCK' | 'AMBIGUOUS_FENCE' | 'NO_PATH' | 'UNSUPPORTED_FORMAT';
  readonly problem: string;
}

/** What one format's parser made of a stretch of the reply; `next` is the index of the first line after it. */
export interface ParsedSection {
  readonly edits: readonly Edit[];
  readonly problems: readonly ReplyProblem[];
  readonly next: number;
}

export interface ParsedReply {
  /** From the prose around the edits; may be empty. */
  readonly summary: string;
  readonly edits: readonly Edit[];
  readonly problems: readonly ReplyProblem[];
}
