import { byPatterns } from './signature-language.ts';

export const cLike = byPatterns(
  ['c', 'h', 'cc', 'cpp', 'cxx', 'hpp', 'hh', 'm', 'php'],
  [
    /^(?:typedef|struct|union|enum|class|namespace|template|trait|interface|abstract class|final class)\b/,
    /^#define\s+\w+\(/,
    /^(?!\s|#|\/|\*|\}|return\b|else\b|if\b|for\b|while\b)[\w:<>,*&\s]+\([^;{}]*\)\s*(?:const|noexcept|override)?\s*[;{]?\s*$/,
    /^\s*(?:public|protected)?\s*(?:static\s+)?function\s+\w/,
  ],
);
