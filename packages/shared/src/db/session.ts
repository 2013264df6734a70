import pg from 'pg';

/**
 * A session whose connection is given up when a statement gets no answer within `query_timeout`. The driver alone only
 * stops waiting: within a transaction a pool would hand the dead connection out again.
 */
export class Session extends pg.Client {
  constructor(options?: pg.ClientConfig) {
    super(options);
    const query = this.query.bind(this) as (...parameters: unknown[]) => unknown;
    const answered = (...parameters: unknown[]): unknown => {
      const answer = query(...parameters);
      if (answer instanceof Promise) answer.catch((error: unknown) => this.giveUpIfSilent(error));
      return answer;
    };
    this.query = answered as typeof this.query;
  }

  private giveUpIfSilent(error: unknown): void {
    // The driver gives it no code.
    if (error instanceof Error && error.message === 'Query read timeout') this.connection.stream.destroy();
  }
}
