import { environmentVariables } from './environment.ts';
import { configKeys } from './keys.ts';

/** The tables of docs/configuration.md. A test compares them; `node scripts/write-reference.ts` writes them. */

export function configReference(): string {
  const rows = configKeys()
    .filter(({ section, description }) => !section || description !== '')
    .map(
      ({ key, type, default: preset, description }) =>
        `| \`${key}\` | ${type} | ${preset === undefined ? '' : `\`${preset.replaceAll('|', '\\|')}\``} | ${description.replaceAll('|', '\\|')} |`,
    );
  return ['| Key | Type | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

export function environmentReference(): string {
  const rows = environmentVariables().map(
    ({ name, secret, default: preset, description }) =>
      `| \`${name}\` | ${secret ? 'yes' : ''} | ${preset === undefined ? '' : `\`${preset}\``} | ${description} |`,
  );
  return ['| Variable | Secret | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->`. Throws where the markers are missing. */
export function replaceBlock(text: string, name: string, block: string): string {
  const pattern = new RegExp(`(<!-- ${name}:begin -->\\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  if (!pattern.test(text)) throw new Error(`no <!-- ${name}:begin --> block`);
  return text.replace(pattern, (_whole, begin: string, end: string) => `${begin}${block}\n${end}`);
}
