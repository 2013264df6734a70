/** Runs secretlint's recommended rules on sources: see lint-secrets.ts. */
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import type { FoundSecret, SecretSource } from './lint-secrets.ts';
import { announce, runProgram } from './program.ts';

await runProgram<readonly SecretSource[], readonly FoundSecret[]>(async (sources) => {
  const found: FoundSecret[] = [];
  for (const { path, text } of sources) {
    announce(path);
    const { messages } = await lintSource({
      source: { filePath: path, content: text, ext: path.slice(path.lastIndexOf('.')), contentType: 'text' },
      options: {
        config: { rules: [{ id: 'preset', rule: creator }] },
        maskSecrets: true,
        noPhysicFilePath: true,
      },
    });
    for (const message of messages)
      if (message.type === 'message')
        found.push({ path, line: message.loc.start.line, kind: message.ruleId.replace(/^.*secretlint-rule-/, '') });
  }
  return found;
});
