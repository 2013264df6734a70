import { describe, expect, it } from 'vitest';
import { canonicalRequest, requestHash } from './request-hash.ts';
import type { ModelRequest } from './types.ts';

const request: ModelRequest = {
  role: 'analyzer',
  system: 'Rules.',
  messages: [{ role: 'user', content: 'Question.', cacheable: true }],
  schema: { name: 'answer', schema: { type: 'object', properties: { b: {}, a: {} } } },
};
const hash = (changed: Partial<ModelRequest> = {}, maxOutputTokens = 100) =>
  requestHash(canonicalRequest({ ...request, ...changed }, maxOutputTokens));

describe('the hash of a question', () => {
  it('does not depend on the order of keys or on cache markers', () => {
    expect(hash({ schema: { schema: { properties: { a: {}, b: {} }, type: 'object' }, name: 'answer' } })).toBe(hash());
    expect(hash({ messages: [{ content: 'Question.', role: 'user' }] })).toBe(hash());
  });

  it('differs with everything that the model reads, and with the limit of its answer', () => {
    const hashes = [
      hash(),
      hash({ role: 'coder' }),
      hash({ system: 'Rules' }),
      hash({ messages: [{ role: 'user', content: 'Question' }] }),
      hash({ messages: [...request.messages, { role: 'assistant', content: '' }] }),
      hash({ schema: { name: 'other', schema: {} } }),
      hash({}, 101),
    ];

    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
