import { inWindow } from './windows.ts';

/** Marks the window between a channel's answer and what is made of it. */
export function watchNotices(webhookUrl: string | undefined): void {
  if (webhookUrl === undefined) return;
  const { origin } = new URL(webhookUrl);
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await send(input, init);
    if (!(input instanceof Request) && new URL(input).origin === origin && response.ok) inWindow('notice-sent');
    return response;
  };
}
