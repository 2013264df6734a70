import { frame, frameCode } from '@orchestrator/shared/text/frame.ts';
import { cleanFileText } from '../text/clean-text.ts';

/** Frames that share one code, made from all the data of a message. */
export function taggerFor(data: readonly string[]): Tagger {
  const code = frameCode(data.flatMap((part) => [`${part.length}:`, part]));
  return (name, text, attributes = {}) => {
    const shown = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, cleanFileText(value)]));
    return frame(name, shown, text.replace(/\n+$/, ''), code);
  };
}

export type Tagger = (name: string, text: string, attributes?: Readonly<Record<string, string>>) => string;
