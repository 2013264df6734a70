import { AppError } from '../errors/app-error.ts';

type WaitCode = 'MODEL_RATE_LIMITED' | 'MODEL_UNAVAILABLE' | 'MODEL_SPEND_LIMIT';

/** The vendor cannot answer for a while: the stage parks until then. Nothing was charged by the attempt that said so. */
export class ModelWait extends AppError {
  readonly until: Date;

  constructor(code: WaitCode, until: Date, detail: Record<string, unknown>) {
    super(code, { ...detail, until: until.toISOString() });
    this.name = 'ModelWait';
    this.until = until;
  }
}
