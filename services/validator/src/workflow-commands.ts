import { parse } from 'yaml';
import { z } from 'zod';
import type { Project } from './detector.ts';

/** Commands of the jobs, one a line, in order; those with expressions of the platform are left out. */
export function workflowCommands({ files, read }: Pick<Project, 'files' | 'read'>): string[] {
  return [...files]
    .filter((path) => WORKFLOW.test(path))
    .sort()
    .flatMap((path) => {
      const workflow = Workflow.safeParse(tryYaml(read(path)));
      const steps = workflow.success ? Object.values(workflow.data.jobs).flatMap((job) => job.steps) : [];
      return steps.flatMap(({ run = '' }) => run.replace(/\\\n\s*/g, ' ').split('\n'));
    })
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.includes('${{') && !line.startsWith('#'));
}

export const WORKFLOW = /^\.github\/workflows\/[\w.-]+\.ya?ml$/;

const Step = z.object({ run: z.string().optional() });
const Job = z.object({ steps: z.array(Step.catch({})).catch([]) });
const Workflow = z.object({ jobs: z.record(z.string(), Job.catch({ steps: [] })) });

function tryYaml(text: string | undefined): unknown {
  try {
    return text === undefined ? null : parse(text, { maxAliasCount: 10 });
  } catch {
    return null;
  }
}
