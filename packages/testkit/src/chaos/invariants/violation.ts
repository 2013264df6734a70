/** What must never be, and where. */
export interface Violation {
  /** The figure that it counts in; `other`: in none, and the run fails all the same. */
  readonly counts: 'lost' | 'duplicateEffects' | 'staleWritesAccepted' | 'stuck' | 'other';
  /** A task, a run, a stage run, a branch. */
  readonly subject: string;
  readonly problem: string;
}
