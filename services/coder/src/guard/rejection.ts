export type RejectionCode =
  // The reply as a whole.
  | 'NO_EDIT'
  | 'NO_CHANGE'
  | 'SAME_CHANGE'
  | 'TRUNCATED'
  | 'STALE_BASE'
  | 'TOO_LARGE'
  // The form of one edit.
  | 'MALFORMED_PATCH'
  | 'MALFORMED_BLOCK'
  | 'AMBIGUOUS_FENCE'
  | 'NO_PATH'
  | 'UNSUPPORTED_FORMAT'
  // The path.
  | 'PATH_REJECTED'
  | 'PATH_COLLISION'
  | 'FILE_NOT_FOUND'
  | 'FILE_EXISTS'
  | 'CONFLICTING_EDITS'
  // The kind of file.
  | 'MODE_REJECTED'
  | 'BINARY_FILE'
  | 'ENCODING_UNSUPPORTED'
  // The place in the file.
  | 'NOT_FOUND'
  | 'AMBIGUOUS'
  | 'NO_CONTEXT'
  | 'ANCHOR_MISMATCH'
  | 'OVERLAPPING_HUNKS'
  | 'ALREADY_APPLIED'
  // The text.
  | 'ELISION'
  | 'WHOLE_FILE_SHRINKS'
  | 'FORBIDDEN_CHARACTER'
  | 'MASKED_SECRET';

export interface NumberedLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Why one part of a reply was not applied, in words a model can act on. */
export interface Rejection {
  /** As the model wrote it; null where it concerns the whole reply. */
  readonly path: string | null;
  /** From 1, in the order of the reply, within the path; null where it concerns the whole file. */
  readonly hunk: number | null;
  readonly code: RejectionCode;
  readonly problem: string;
  /** The lines of the file that the hunk probably means, or the places that it could mean. */
  readonly nearest: readonly NumberedLine[];
}

/** A part of a rejected reply that would have applied: the model need not change it. */
export interface AppliedPart {
  readonly path: string;
  readonly hunk: number | null;
}

/** A rejection without its place, made where only the text is known. */
export type Complaint = Pick<Rejection, 'code' | 'problem' | 'nearest'>;

export const complaint = (code: RejectionCode, problem: string, nearest: readonly NumberedLine[] = []): Complaint => ({
  code,
  problem,
  nearest,
});
