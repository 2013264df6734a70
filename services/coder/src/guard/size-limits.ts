import type { ChangeSet } from '@orchestrator/shared/contracts/change-set.ts';
import type { GuardLimits } from './limits.ts';
import { type Complaint, complaint } from './rejection.ts';

/** Why a change set is too large as a whole; null if it is not. */
export function sizeComplaint(changeSet: ChangeSet, limits: GuardLimits): Complaint | null {
  if (changeSet.files.length > limits.maxFiles) {
    return complaint('TOO_LARGE', `The change touches ${changeSet.files.length} files, more than ${limits.maxFiles}.`);
  }
  const bytes = changeSet.files.reduce(
    (sum, file) => sum + (file.op === 'write' ? Math.floor((file.contentBase64.length * 3) / 4) : 0),
    0,
  );
  return bytes > limits.maxTotalBytes
    ? complaint('TOO_LARGE', `The change writes ${bytes} bytes, more than ${limits.maxTotalBytes}.`)
    : null;
}
