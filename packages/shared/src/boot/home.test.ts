import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareHome } from './home.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'orchestrator-home-'));

describe('prepareHome', () => {
  it('makes the folder, which git then ignores', () => {
    const home = join(folder(), 'a', 'b');

    prepareHome(home);

    expect(readFileSync(join(home, '.gitignore'), 'utf8')).toBe('*\n');
    prepareHome(home);
  });

  it('leaves a folder that was there as it was', () => {
    const home = folder();

    prepareHome(home);

    expect(existsSync(join(home, '.gitignore'))).toBe(false);
  });

  it('says so when the place is a file, below a file, or where no folder can be made', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');

    expect(() => prepareHome(file)).toThrow('it is a file');
    expect(() => prepareHome(join(file, 'home'))).toThrow('a part of the path is a file');
    if (process.platform === 'linux')
      expect(() => prepareHome('/proc/nowhere/home')).toThrow('/proc/nowhere/home cannot be written');
  });

  it.skipIf(process.getuid?.() === 0)('says so when it may not be written', () => {
    const home = folder();
    chmodSync(home, 0o500);

    expect(() => prepareHome(home)).toThrow('permission denied');
  });
});
