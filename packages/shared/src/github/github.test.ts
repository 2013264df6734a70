import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { githubAddress } from './address.ts';
import { markBody, readMarker, wantsRebuild } from './pull-marker.ts';

describe('an address on GitHub', () => {
  const API = 'https://api.github.com';
  test.each([
    ['https://github.com/acme/widgets.git', API],
    ['https://github.com/acme/widgets', API],
    ['https://github.com/acme/widgets/', API],
    ['git@github.com:acme/widgets.git', API],
    ['ssh://git@github.com/acme/widgets.git', API],
    ['https://git.example.com/acme/widgets.git', 'https://git.example.com/api/v3'],
  ])('%s is acme/widgets', (url, api) => {
    expect(githubAddress({ kind: 'remote', url }, api)).toEqual({ owner: 'acme', repo: 'widgets' });
  });

  test.each([
    ['https://gitlab.com/acme/widgets.git', API],
    ['https://github.com.evil.example/acme/widgets', API],
    ['https://evil.example/github.com/acme/widgets', API],
    ['git@evilgithub.com:acme/widgets.git', API],
    ['https://github.com/acme', API],
    ['https://github.com/acme/widgets/tree/main', API],
    ['https://github.com/acme/widgets.git', 'https://git.example.com/api/v3'],
  ])('%s is none of %s', (url, api) => {
    expect(githubAddress({ kind: 'remote', url }, api)).toBeNull();
  });

  test('a folder is none', () => {
    expect(githubAddress({ kind: 'local', url: '/github.com/acme/widgets' }, API)).toBeNull();
  });
});

describe('the marker of a pull request', () => {
  test('is read back whatever the body, the task and the text are, and ends no comment early', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (body, task, text) => {
        const marked = markBody(body, { task, text });
        expect(readMarker(marked)).toMatchObject({ task, text });
        const comment = marked.slice(marked.lastIndexOf('<!-- ai-orchestrator {') + 4, marked.lastIndexOf('-->'));
        expect(comment).not.toContain('-->');
        expect(wantsRebuild(marked)).toBe(wantsRebuild(body));
      }),
    );
  });

  test('has the same fingerprint for the same body only', () => {
    const of = (body: string) => readMarker(markBody(body, { task: 't', text: 'x' }))?.fingerprint;
    expect(of('a')).toBe(of('a'));
    expect(of('a')).not.toBe(of('b'));
  });

  test.each([
    null,
    '',
    'text',
    '<!-- ai-orchestrator {} -->',
    '<!-- ai-orchestrator {"task":1} -->',
    '<!-- ai-orchestrator {x} -->',
  ])('%j holds none', (body) => {
    expect(readMarker(body)).toBeNull();
  });

  test('a ticked box is a wish', () => {
    const body = markBody('text', { task: 't', text: 'x' });
    expect(wantsRebuild(body)).toBe(false);
    expect(wantsRebuild(body.replace('- [ ] ', '- [x] '))).toBe(true);
  });
});
