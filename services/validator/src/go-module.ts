/** The path by which others import a module, as its go.mod says; undefined: it does not say. */
export const goModule = (manifest: string | undefined): string | undefined =>
  /^\s*module\s+"?([\w.~/-]+)"?/m.exec(manifest ?? '')?.[1];
