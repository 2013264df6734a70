/** The budget that every call counts against. */
export const GLOBAL_BUDGET = 'global';

export const repositoryBudget = (repositoryId: string): string => `repository:${repositoryId}`;
export const taskBudget = (taskId: string): string => `task:${taskId}`;

/** No later window will follow in such a budget, and nobody waits for one: what is spent is spent. */
export const isTaskBudget = (budgetId: string): boolean => budgetId.startsWith('task:');
