const RUNNERS = ['jest', 'mocha', 'ava', 'vitest', 'tap', 'nyc', 'c8'] as const;
const CALLED = /\b(?:npm|pnpm|yarn|bun)\s+(?:run(?:-script)?\s+)?([\w:.-]+)/g;

/** What of a package.json decides how it is tested: the test script with all that it starts, and runners' settings. */
export function testScripts(text: string): string {
  try {
    const json = JSON.parse(text.replace(/^\uFEFF/, '')) as Record<string, unknown>;
    const scripts = (typeof json.scripts === 'object' && json.scripts !== null ? json.scripts : {}) as Record<
      string,
      unknown
    >;
    const reached = new Map<string, unknown>();
    const queue = ['test'];
    for (const name of queue)
      for (const each of [`pre${name}`, name, `post${name}`]) {
        const script = scripts[each];
        if (reached.has(each) || typeof script !== 'string') continue;
        reached.set(each, script);
        queue.push(...[...script.matchAll(CALLED)].map((match) => match[1] as string));
      }
    return JSON.stringify([[...reached], RUNNERS.map((name) => json[name] ?? null)]);
  } catch {
    return text;
  }
}
