import type { Environment } from '@orchestrator/shared/config/environment.ts';
import { defineChannel, type SendResult } from '../channel.ts';
import { mailOf } from '../mail/text.ts';

const TIMEOUT_MS = 10_000;
/** Answers of a mail server that will not change by asking again (RFC 5321: 5yz), and our own mistakes in the address. */
const FINAL_CODES = ['EENVELOPE', 'EMESSAGE', 'EAUTH'];

/** E-mail through SMTP_URL to NOTIFY_EMAIL_TO. Without both it is silent. */
export default defineChannel({
  id: 'email',
  gathers: false,
  configured: (env) => env.SMTP_URL !== undefined && env.NOTIFY_EMAIL_TO !== undefined,
  send: ({ notices: [notice], env }) =>
    mail(env, { ...mailOf(notice), messageId: `<event-${notice.eventId}@ai-orchestrator.invalid>` }),
  sendTest: (env) =>
    mail(env, { subject: '[ai-orchestrator] It can write here', text: 'Events are sent to this address.\n' }),
});

async function mail(
  env: Environment,
  message: { readonly subject: string; readonly text: string; readonly messageId?: string },
): Promise<SendResult> {
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    url: env.SMTP_URL as string,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ from: env.NOTIFY_EMAIL_FROM, to: env.NOTIFY_EMAIL_TO, ...message });
    return { kind: 'sent', pauseMs: 0 };
  } catch (error) {
    return failure(error);
  } finally {
    transport.close();
  }
}

/** The server's number and the kind of failure: its words may hold addresses. */
function failure(error: unknown): SendResult {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  const reason = `The mail server did not take it: ${[responseCode, code].filter(Boolean).join(' ') || 'no answer'}`;
  const final = (responseCode ?? 0) >= 500 || (responseCode === undefined && FINAL_CODES.includes(code ?? ''));
  return { kind: final ? 'refused' : 'failed', reason };
}
