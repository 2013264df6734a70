import { addedLines, type Check } from '../check.ts';

/** Shapes that are keys and nothing else. The value never appears in a finding. */
const SHAPES: readonly (readonly [string, RegExp])[] = [
  ['an OpenAI key', /\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,}\b/],
  ['an Anthropic key', /\bsk-ant-[A-Za-z0-9_-]{32,}/],
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})/],
  ['a GitLab token', /\bglpat-[A-Za-z0-9_-]{20,}/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a Google API key', /\bAIza[A-Za-z0-9_-]{35}\b/],
  ['a Slack token', /\bxox[abprs]-[A-Za-z0-9-]{10,}/],
  ['a Stripe key', /\b[rs]k_live_[A-Za-z0-9]{20,}/],
  ['a Discord webhook', /discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d{15,}\/[\w-]{50,}/],
  ['a Discord bot token', /\b[MNO][A-Za-z\d_-]{23,25}\.[\w-]{6}\.[\w-]{27,}/],
  ['a private key', /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/],
  [
    'a URL with a password',
    /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:/@"'`<>{}$]{1,100}:(?!password@|secret@|pass@|\$|<|\{|\*)[^\s/@"'`<>{}$]{8,200}@(?!localhost|127\.|example\.|host\b)[^\s"'`]/i,
  ],
];

const PIECE = 2_000;
const OVERLAP = 300;

/** A long line in pieces that overlap by more than a key is long: each is looked at in bounded time. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at === 0 || at + OVERLAP < text.length; at += PIECE - OVERLAP)
    found.push(text.slice(at, at + PIECE));
  return found;
}

/** Secrets in added text: once pushed, they are public. */
export default {
  id: 'secrets',
  run: ({ written }) =>
    written.flatMap((file) =>
      addedLines(file).flatMap(({ line, text }) => {
        const found = SHAPES.find(([, shape]) => pieces(text).some((piece) => shape.test(piece)));
        return found === undefined
          ? []
          : [
              {
                check: 'policy.secrets',
                code: 'SECRET',
                severity: 'error' as const,
                message: `The line looks like it holds ${found[0]}. Read secrets from the environment.`,
                file: file.path,
                line,
              },
            ];
      }),
    ),
} satisfies Check;
