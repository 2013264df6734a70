import { maskPrivateKeys, PRIVATE_KEY } from './private-keys.ts';

/** A kind of secret that is told by its shape. */
interface SecretShape {
  /** Goes with "holds ...". */
  readonly name: string;
  /**
   * All places. Group `around`: what stands before the secret and is none of it. Group `mark`: a vendor's prefix, which
   * tells what the secret is. Every shape is searched for in time linear to the text.
   */
  readonly shape: RegExp;
  /** From so many characters behind the mark on it is a secret and nothing else. Absent: it may be something else. */
  readonly certainFrom?: number;
}

const ASSIGNED_NAME = '(?:api[_-]?key|secret|token|passw(?:or)?d|private[_-]?key)';

const SHAPES: readonly SecretShape[] = [
  { name: 'an Anthropic key', shape: /\b(?<mark>sk-ant-)[\w-]{12,}/g, certainFrom: 32 },
  {
    name: 'an OpenAI key',
    // A class of a style sheet has neither digits nor capitals.
    shape: /\b(?<mark>sk-)(?:(?:proj|svcacct|admin)-|(?=[a-z_-]{0,60}[A-Z0-9]))[\w-]{16,}/g,
    certainFrom: 32,
  },
  { name: 'a GitHub token', shape: /\b(?<mark>gh[pousr]_|github_pat_)\w{20,}/g, certainFrom: 36 },
  { name: 'a GitLab token', shape: /\b(?<mark>glpat-)[\w-]{16,}/g, certainFrom: 20 },
  { name: 'an npm token', shape: /\b(?<mark>npm_)[A-Za-z0-9]{36}\b/g, certainFrom: 36 },
  { name: 'an AWS access key', shape: /\b(?<mark>AKIA|ASIA)[A-Z0-9]{16}\b/g, certainFrom: 16 },
  { name: 'a Google API key', shape: /\b(?<mark>AIza)[\w-]{30,}/g, certainFrom: 35 },
  { name: 'a Slack token', shape: /\b(?<mark>xox[abeoprs]-)[A-Za-z0-9-]{10,}/g, certainFrom: 10 },
  { name: 'a Slack webhook', shape: /(?<mark>https:\/\/hooks\.slack\.com\/services\/)[A-Za-z0-9/]{8,}/g },
  { name: 'a Stripe key', shape: /\b(?<mark>[rs]k_live_)[A-Za-z0-9]{20,}/g, certainFrom: 20 },
  {
    name: 'a Discord webhook',
    shape:
      /(?<mark>(?:https:\/\/(?:[a-z]{1,20}\.)?)?discord(?:app)?\.com\/api\/(?:v\d{1,3}\/)?webhooks\/\d{1,30}\/)[\w-]{20,}/g,
    certainFrom: 50,
  },
  { name: 'a Discord bot token', shape: /\b(?<mark>)[MNO][A-Za-z\d_-]{23,25}\.[\w-]{6}\.[\w-]{27,}/g, certainFrom: 58 },
  { name: 'a JSON web token', shape: /\b(?<mark>)eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g },
  {
    name: 'an Authorization header',
    shape: /(?<around>\bAuthorization["']?\s*[:=]\s*["'`]?(?:Bearer|Basic|token)[ \t]+)[\w.~+/=-]{12,}/gi,
  },
  {
    // Words follow these words too: "basic configuration".
    name: 'the value of an Authorization header',
    shape:
      /(?<around>\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC)[ \t]+)(?=[A-Za-z._~+/-]*(?:\d|[a-z][A-Z]|=))[\w.~+/=-]{12,}/g,
  },
  {
    // The password of a URL, not the URL, and no placeholder for a password.
    name: 'a URL with a password',
    shape:
      /(?<around>\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"']{0,200}:)(?!(?:\*+|\$?\{[^{}\s@]{0,100}\}|\$[A-Z_]+|<[^<>\s@]{0,100}>)@)[^\s/@"'`]{1,500}(?=@)/gi,
  },
  {
    name: 'a value that is named a secret',
    shape: new RegExp(
      `(?<around>${ASSIGNED_NAME}["']?\\s*[:=]\\s*["'\`])(?=[\\w+/-]*\\d)(?=[\\w+/-]*[A-Za-z])[\\w+/-]{24,}={0,2}`,
      'gi',
    ),
  },
  {
    // Without quotes it may be a name in code: names have few digits, and are called or followed.
    name: 'a value that is named a secret',
    shape: new RegExp(
      `(?<around>${ASSIGNED_NAME}\\s*[:=]\\s*)(?=(?:[A-Za-z+/_-]*\\d){4})(?=[\\w+/-]*[A-Za-z])[\\w+/-]{24,}={0,2}(?![\\w+/.([-])`,
      'gi',
    ),
  },
];

/** How a secret is written, given the prefix that tells what it is; empty where it has none. */
export type WriteMask = (mark: string) => string;

/** The text with everything that looks like a secret masked in place: lines stay lines, code keeps its structure. */
export function maskShapes(text: string, write: WriteMask): string {
  return SHAPES.reduce(
    (masked, { shape }) =>
      masked.replace(shape, (...match) => {
        const { around = '', mark = '' } = match.at(-1) as { around?: string; mark?: string };
        return around + write(mark);
      }),
    maskPrivateKeys(text, write('')),
  );
}

/** What the text certainly holds, as in "a GitHub token"; null if nothing in it can only be a secret. */
export function nameSecret(text: string): string | null {
  if (PRIVATE_KEY.test(text)) return 'a private key';
  for (const { name, shape, certainFrom } of SHAPES) {
    if (certainFrom === undefined) continue;
    for (const { 0: found, groups } of text.matchAll(shape))
      if (found.length - (groups?.mark?.length ?? 0) >= certainFrom) return name;
  }
  return null;
}
