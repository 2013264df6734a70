/** A dependency as a manifest asks for it. */
export interface Declared {
  readonly name: string;
  /** As written; '' where it is decided elsewhere. */
  readonly version: string;
  /** It comes from an address of its own (git, URL, file) instead of the registry. */
  readonly source?: string;
}

/** A package as a lockfile fixes it. */
export interface Locked {
  readonly name: string;
  readonly version: string;
  /** Where it comes from; null: the lockfile does not say. */
  readonly url: string | null;
  /** The checksum; null: there is none. Absent: this kind of entry has none. */
  readonly integrity?: string | null;
  /** A part of the repository itself. */
  readonly local?: boolean;
}

/** One family of manifests and lockfiles. Pure; `declared` and `locked` throw on a text that cannot be read. */
export interface Ecosystem {
  readonly id: string;
  readonly isManifest: (path: string) => boolean;
  /** Lockfiles that belong to manifests of the same folder or of one below it. */
  readonly isLockfile: (path: string) => boolean;
  readonly declared: (path: string, text: string) => readonly Declared[];
  readonly locked: (path: string, text: string) => readonly Locked[];
  /** Addresses that packages are looked for at, besides those of lockfiles. */
  readonly repositories?: (path: string, text: string) => readonly string[];
  /** Whether the lockfile has what the manifest asks for. Default: a package of that name. */
  readonly fits?: (declared: Declared, locked: ReadonlyMap<string, readonly Locked[]>) => boolean;
}

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The value as a section of keys; {} for everything else. */
export const section = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What `read` gives, or the fallback where the text cannot be read. */
export function attempt<T>(read: () => T, fallback: T): T {
  try {
    return read();
  } catch {
    return fallback;
  }
}
