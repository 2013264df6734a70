import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError, describeError } from '@orchestrator/shared/errors/app-error.ts';
import { dashboardProblems, openApi } from './api.ts';
import { ROOT } from './command.ts';
import { findCompose } from './compose.ts';
import type { Container } from './containers.ts';
import { hardeningProblems } from './hardening.ts';
import { resultsProblems } from './results-problems.ts';
import { defaultProfileProblems, shippedProfileProblems } from './sandbox-problems.ts';
import { createScene } from './scene.ts';
import { openStack, VALIDATORS } from './stack.ts';

/**
 * The full stack as its users start it: npm run compose:smoke -- --json
 *
 * Builds the images, starts everything with three validators beside model servers that answer from recordings, has the
 * demo's tasks done, looks at how each container is confined, and removes it all. Exit code 0, or 1 with every problem, or
 * 6 where no Docker engine answers.
 */
const startedAt = performance.now();
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const seconds = () => Math.round((performance.now() - startedAt) / 1000);
const say = (text: string) => process.stderr.write(`[${seconds()} s] ${text}\n`);

try {
  const { problems, ...result } = await smoke();
  for (const problem of problems) say(`PROBLEM: ${problem}`);
  const summary = { ...result, wallMs: Math.round(performance.now() - startedAt) };
  process.stdout.write(values.json ? `${JSON.stringify(summary)}\n` : `${describe(summary)}\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  const { code, message, next } = describeError(error);
  process.stderr.write(`Error ${code}: ${message}\n${next ? `What to do: ${next}\n` : ''}`);
  process.exitCode = error instanceof AppError ? error.exitCode : 1;
}

async function smoke() {
  const compose = await findCompose(say);
  const scene = await createScene();
  const stack = openStack(scene, compose, say);
  let failed = true;
  try {
    say(`building, as ${scene.project}`);
    await stack.build();
    say('starting');
    const containers = await stack.up();
    say(`${containers.length} containers are healthy`);
    const of = (service: string) => containers.filter((container) => container.service === service);
    const confined = [...(await hardeningProblems(containers)), ...(await dashboardProblems(scene))];
    const validators = of('validator');
    confined.push(...(await shippedProfileProblems(validators[0] as Container)));

    const api = openApi(scene);
    await api.untilSettled(say);
    const published = (await api.runs()).filter(({ state }) => state === 'in_review').length;
    const workers = [...(await api.workersOf(['baseline', 'validate']))];
    const busy = validators.filter(({ Config }) => workers.some((id) => id.startsWith(`${Config.Hostname}-`))).length;
    const problems = [
      ...confined,
      ...(published > 0 ? [] : ['nothing was published']),
      ...(busy >= VALIDATORS ? [] : [`only ${busy} of ${VALIDATORS} validators took work`]),
      ...(await resultsProblems(scene, of('notifier')[0] as Container, published)),
    ];
    say('one validator with the profile that Docker has by itself');
    problems.push(...(await defaultProfileProblems(stack, api)));
    failed = problems.length > 0;
    return { published, validators: busy, healthy: confined.length === 0, problems };
  } finally {
    if (failed)
      await stack.saveLogs(join(ROOT, '.orchestrator', `${scene.project}.log`)).catch((error) => say(String(error)));
    say('removing it');
    await stack.down();
    scene.remove();
  }
}

function describe({
  published,
  validators,
  wallMs,
}: {
  published: number;
  validators: number;
  wallMs: number;
}): string {
  return `${published} changes published by a stack with ${validators} validators at work, in ${Math.round(wallMs / 1000)} s.`;
}
