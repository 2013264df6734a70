/** The budget that every call counts against. */
export const GLOBAL_BUDGET = 'global';

const REPOSITORY = 'repository:';
export const repositoryBudget = (repositoryId: string): string => `${REPOSITORY}${repositoryId}`;
export const taskBudget = (taskId: string): string => `task:${taskId}`;

/** No later window will follow in such a budget, and nobody waits for one: what is spent is spent. */
export const isTaskBudget = (budgetId: string): boolean => budgetId.startsWith('task:');

/** Whose budget it is; null where it is no repository's. */
export const repositoryOf = (budgetId: string): string | null =>
  budgetId.startsWith(REPOSITORY) ? budgetId.slice(REPOSITORY.length) : null;
