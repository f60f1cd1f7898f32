import { aliases, deprecatedPresets, findModel, models } from '../../presets/catalogue.ts';
import { suggest } from '../workspace/schema/suggest.ts';
import { deriveModelFacts, type ModelFacts } from './model-facts.ts';

/**
 * What a preset name means. `known`: in the catalogue, with its facts. `foreign`: another Hugging Face id, whose facts
 * must be read from the Hub when planning. `deprecated` and `unknown` names can never be served.
 */
export type PresetResolution =
  | { kind: 'known'; facts: ModelFacts }
  | { kind: 'foreign'; id: string }
  | { kind: 'deprecated' }
  | { kind: 'unknown'; nearest?: string };

const derived = new Map<string, ModelFacts>();

/** Resolves a preset name in any case: alias, catalogue id, or any `org/model`. Source: reference, c.3. */
export function resolvePreset(name: string): PresetResolution {
  const lower = name.toLowerCase();
  const id = Object.hasOwn(aliases, lower) ? (aliases[lower] ?? lower) : lower;
  const entry = findModel(id);
  if (entry !== undefined) {
    const facts = derived.get(id) ?? deriveModelFacts(entry);
    derived.set(id, facts);
    return { kind: 'known', facts };
  }
  if (/^[^/]+\/[^/]+$/.test(id)) return { kind: 'foreign', id };
  if (deprecatedPresets.includes(lower)) return { kind: 'deprecated' };
  const nearest = suggest(lower, presetNames());
  return nearest === undefined ? { kind: 'unknown' } : { kind: 'unknown', nearest };
}

/** Every name a user can write: short names first, then catalogue ids in their published spelling. */
export function presetNames(): string[] {
  return [...Object.keys(aliases), ...models.map((model) => model.id)];
}
