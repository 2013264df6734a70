import type { Specification } from '@orchestrator/shared/contracts/specification.ts';

/** Whether the specification names something that is public: then the plan was to change it, and it is no surprise. */
export function plannedNames(specification: Specification | null): (name: string) => boolean {
  if (specification === null) return () => false;
  const text = [
    specification.summary,
    specification.design,
    ...specification.filesToChange.map(({ why }) => why),
    ...specification.criteria.flatMap(({ criterion, shownBy }) => [criterion, shownBy]),
  ].join('\n');
  const code = new Set([
    ...[...text.matchAll(/`([^`\n]{1,200})`/g)].flatMap(([, span = '']) => wordsOf(span)),
    ...[...text.matchAll(/(?:[.#][\w$]+|[\w$]+(?=\())/g)].flatMap(([word]) => wordsOf(word)),
  ]);
  const words = new Set(wordsOf(text));
  return (path) => {
    // The last part is the name itself: `shop.cart.total`, `Cart#clear`.
    const name = path.split(/[.#/]/).at(-1) ?? path;
    // A name that could be a word of the language counts only where it is written as code.
    return code.has(name) || (/[A-Z_$\d]/.test(name) && words.has(name));
  };
}

const wordsOf = (text: string): string[] => [...text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)].map(([word]) => word);
