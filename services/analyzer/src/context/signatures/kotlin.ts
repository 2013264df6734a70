import { byPatterns } from './signature-language.ts';

export const kotlin = byPatterns(
  ['kt', 'kts', 'swift'],
  [
    /^package\s/,
    /^\s*(?:(?:public|internal|protected|open|abstract|sealed|data|enum|inline|value|final|override|suspend|static|mutating)\s+)*(?:class|interface|object|struct|protocol|extension|enum|fun|func|typealias)\s/,
    /^(?:(?:public|internal|const|lateinit|override|open)\s+)*(?:val|var|let)\s/,
  ],
);
