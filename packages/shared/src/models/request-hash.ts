import { createHash } from 'node:crypto';
import type { Message, ModelRequest, Role } from './types.ts';

/** A question as it is stored and hashed: what the model reads, and nothing that only changes the price. */
export interface CanonicalRequest {
  readonly role: Role;
  readonly system: string;
  readonly messages: readonly { readonly role: Message['role']; readonly content: string }[];
  readonly schema: NonNullable<ModelRequest['schema']> | null;
  readonly maxOutputTokens: number;
}

export function canonicalRequest(request: ModelRequest, maxOutputTokens: number): CanonicalRequest {
  return {
    role: request.role,
    system: storable(request.system),
    messages: request.messages.map(({ role, content }) => ({ role, content: storable(content) })),
    schema: request.schema ?? null,
    maxOutputTokens,
  };
}

/** Sha-256 of the canonical JSON: keys in order, so that the same question always has the same hash. */
export function requestHash(request: CanonicalRequest): string {
  return createHash('sha256').update(canonicalJson(request)).digest('hex');
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

/** Text that the database and the vendors take as JSON: without NUL and without halves of surrogate pairs. */
export const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');
