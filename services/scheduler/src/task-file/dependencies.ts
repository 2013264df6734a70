/** For each cycle among tasks that wait for each other, its ids in order: [a, b, c] means a waits for b, b for c, c for a. */
export function findCycles(dependsOn: ReadonlyMap<string, readonly string[]>): string[][] {
  return components(dependsOn)
    .filter((group) => group.length > 1)
    .map((group) => cycleWithin(new Set(group), dependsOn));
}

/** Tarjan's strongly connected components, without recursion: a chain of ten thousand tasks must not overflow the stack. */
function components(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  for (const root of edges.keys()) {
    if (order.has(root)) continue;
    const path = [{ node: root, next: 0 }];
    while (path.length > 0) {
      const frame = path.at(-1) as { node: string; next: number };
      const { node } = frame;
      if (frame.next === 0) {
        order.set(node, order.size);
        lowest.set(node, order.get(node) as number);
        open.push(node);
        isOpen.add(node);
      }
      const target = (edges.get(node) ?? [])[frame.next];
      frame.next += 1;
      if (target !== undefined) {
        if (!edges.has(target)) continue;
        if (!order.has(target)) path.push({ node: target, next: 0 });
        else if (isOpen.has(target)) lower(lowest, node, order.get(target) as number);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent) lower(lowest, parent.node, lowest.get(node) as number);
      if (lowest.get(node) !== order.get(node)) continue;
      const group = open.splice(open.lastIndexOf(node));
      for (const member of group) isOpen.delete(member);
      found.push(group);
    }
  }
  return found;
}

function lower(lowest: Map<string, number>, node: string, to: number): void {
  if (to < (lowest.get(node) as number)) lowest.set(node, to);
}

/** Every member leads to another member, so following the first such edge comes back sooner or later. */
function cycleWithin(group: ReadonlySet<string>, edges: ReadonlyMap<string, readonly string[]>): string[] {
  const walked: string[] = [];
  const at = new Map<string, number>();
  let node = [...group].sort()[0] as string;
  while (!at.has(node)) {
    at.set(node, walked.length);
    walked.push(node);
    node = (edges.get(node) ?? []).find((target) => group.has(target)) as string;
  }
  return walked.slice(at.get(node));
}
