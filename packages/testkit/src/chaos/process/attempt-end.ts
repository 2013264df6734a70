import { endAttempt as endReal } from '@orchestrator/shared/models/attempt-end.ts';
import { inWindow } from './windows.ts';

export * from '@orchestrator/shared/models/attempt-end.ts';

/** The real end of a request to a model, with the window before it. */
export const endAttempt: typeof endReal = (context, finished) => {
  inWindow('before-record');
  return endReal(context, finished);
};
