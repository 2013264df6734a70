import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Processes of the machine that an attack started and that still live: by their marker, or by what they have mounted. */
export function findSurvivors(marker: string, home: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      if (read(`/proc/${pid}/cmdline`).includes(marker)) return true;
      // In the box the workspace is a mount of its own, whose origin is named here.
      return (
        read(`/proc/${pid}/mountinfo`).includes(`${home}/workspaces/`) ||
        link(`/proc/${pid}/cwd`).startsWith(`${home}/workspaces/`)
      );
    })
    .map(Number);
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
const link = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
};
