/**
 * Runs `work` one at a time. Whoever asks while it runs waits for one that begins afterwards, together with all who ask in
 * the meantime: it sees everything that was there when they asked.
 */
export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  const start = (): Promise<void> => {
    waiting = undefined;
    const mine = work().finally(() => {
      if (running === mine) running = undefined;
    });
    running = mine;
    return mine;
  };
  return () => {
    if (waiting === undefined && running === undefined) return start();
    waiting ??= (running as Promise<void>).catch(() => {}).then(start);
    return waiting;
  };
}
