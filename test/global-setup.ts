import { startTestServer } from '../packages/testkit/src/postgres.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestServer();
  return () => server.stop();
}
