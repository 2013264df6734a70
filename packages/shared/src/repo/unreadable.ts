import picomatch from 'picomatch';
import { PRIVATE_KEY } from '../text/private-keys.ts';
import type { TreeFile } from './mirror.ts';

/** Larger files are never read: what could be shown of them says nothing, and reading them costs memory. */
export const MAX_FILE_BYTES = 1_000_000;

const SECRET = [
  '**/.env',
  '**/.env.*',
  '**/*.{pem,key,p8,p12,pfx,jks,keystore,kdbx,ppk,asc,gpg}',
  '**/id_{rsa,dsa,ecdsa,ed25519}*',
  '**/{.npmrc,.netrc,.pypirc,.htpasswd,.git-credentials,.dockercfg,.pgpass,kubeconfig}',
  '**/{.ssh,.aws,.gnupg,.kube}/**',
  '**/.docker/config.json',
  '**/{secret,secrets,credential,credentials}{,.*}',
  '**/*service-account*.json',
  '**/*.{tfstate,tfvars}',
  '**/*.tfstate.backup',
];
const NOT_SECRET = [
  '**/.env.{example,sample,template,dist}',
  '**/{secret,secrets,credential,credentials}.{md,js,ts,java,py,go,rs,kt}',
];
const LOCK = [
  '**/{package-lock.json,npm-shrinkwrap.json,pnpm-lock.yaml,yarn.lock,bun.lock,bun.lockb}',
  '**/*.lock',
  '**/{go.sum,gradle.lockfile,packages.lock.json}',
];
const VENDORED = ['**/{node_modules,vendor,third_party,third-party,bower_components,.yarn,Pods,site-packages}/**'];
const GENERATED = [
  '**/{dist,out,target,coverage,generated,__generated__,__pycache__,.next,.gradle,.idea,.vs}/**',
  '**/build/{libs,classes,generated,reports,tmp}/**',
  '**/*.{map,snap,pb.go,pyc,class}',
  '**/*_pb2{,_grpc}.py',
  '**/*.g.dart',
];
const MINIFIED = ['**/*.min.{js,css,mjs}', '**/*-min.{js,css}', '**/*.bundle.js'];
const BINARY = [
  '**/*.{png,jpg,jpeg,gif,ico,webp,bmp,tiff,svg,psd,pdf,zip,gz,tgz,bz2,xz,zst,7z,rar,jar,war,ear,so,dll,dylib,exe,bin,o,a,wasm}',
  '**/*.{woff,woff2,ttf,otf,eot,mp3,mp4,mov,avi,ogg,wav,flac,sqlite,db,dat,nbt,schem,schematic,mca}',
];

const match = (globs: readonly string[]) => picomatch([...globs], { dot: true, nocase: true });
const isSecret = match(SECRET);
const isNotSecret = match(NOT_SECRET);
const BY_PATH: readonly (readonly [reason: string, matches: (path: string) => boolean])[] = [
  ['looks like a secret', (path) => isSecret(path) && !isNotSecret(path)],
  ['is a lock file', match(LOCK)],
  ['is vendored', match(VENDORED)],
  ['is generated', match(GENERATED)],
  ['is minified', match(MINIFIED)],
  ['is binary', match(BINARY)],
];

/** Whether a file is never shown to a model because of what it holds, whoever names it. */
export const looksLikeSecret = (path: string, text: string): boolean =>
  (isSecret(path) && !isNotSecret(path)) || PRIVATE_KEY.test(text);

/** Why a file of the tree is never shown to a model; null if it may be, as far as its name and size tell. */
export function unreadableByName(file: TreeFile): string | null {
  if (file.mode === '120000' || file.mode === '160000') return 'is no regular file';
  const byPath = BY_PATH.find(([, matches]) => matches(file.path));
  if (byPath) return byPath[0];
  return file.size > MAX_FILE_BYTES ? `is larger than ${MAX_FILE_BYTES} bytes` : null;
}

const GENERATED_MARK =
  /@generated\b|\bcode generated\b.*\bdo not edit\b|\bthis (?:file|code) (?:is|was) (?:auto-?)?generated\b/i;

/** Why the text of a file is never shown to a model; null if it may be. */
export function unreadableByContent(bytes: Buffer): string | null {
  if (bytes.subarray(0, 8_000).includes(0)) return 'is binary';
  const text = bytes.toString('utf8');
  if (PRIVATE_KEY.test(text)) return 'holds a private key';
  if (GENERATED_MARK.test(text.split('\n', 6).join('\n'))) return 'is generated';
  const lines = text.split('\n');
  return text.length > 5_000 && text.length / lines.length > 400 ? 'is minified' : null;
}
