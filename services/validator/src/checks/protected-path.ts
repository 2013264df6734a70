import picomatch from 'picomatch';
import type { Check } from '../check.ts';

/** Files that decide how the change itself is built, tested or published. */
export default {
  id: 'protected-path',
  run({ changeSet, validate }) {
    const isProtected = picomatch([...validate.protectedPaths], { dot: true, nocase: true });
    return changeSet.files
      .filter((file) => isProtected(file.path))
      .map((file) => ({
        check: 'policy.protected-path',
        code: 'PROTECTED_PATH',
        severity: 'error',
        message: `${file.path} is protected (validate.protectedPaths) and may not be changed. Leave it as it was.`,
        file: file.path,
      }));
  },
} satisfies Check;
