import type { Model } from '../catalog.ts';
import anthropic from './anthropic.ts';
import openai from './openai.ts';
import type { Provider } from './provider.ts';

/** Every vendor of the catalog. */
export const PROVIDERS: Readonly<Record<Model['provider'], Provider>> = { anthropic, openai };
