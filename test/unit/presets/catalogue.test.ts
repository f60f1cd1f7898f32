import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import {
  aliases,
  findModel,
  findTunable,
  models,
  supportedArchitectures,
  transformersFlags,
  tunableNames,
  tunablePresets,
} from '../../../presets/catalogue.ts';
import * as schemas from '../../../presets/catalogue-schema.ts';
import { resolvePreset } from '../../../shared/planning/resolve-preset.ts';

const files: readonly [file: string, schema: z.ZodType][] = [
  ['models', schemas.modelsSchema],
  ['aliases', schemas.aliasesSchema],
  ['architectures', schemas.architecturesSchema],
  ['images', schemas.imagesSchema],
  ['transformers', schemas.transformersSchema],
  ['tuning', schemas.tuningSchema],
  ['runtime-tables', schemas.runtimeTablesSchema],
];

describe('the preset data', () => {
  for (const [file, schema] of files) {
    it(`in ${file}.json is well formed`, () => {
      const text = readFileSync(new URL(`../../../presets/${file}.json`, import.meta.url), 'utf8');
      const checked = schema.safeParse(JSON.parse(text));
      assert.ok(checked.success, checked.error?.message);
    });
  }

  it('holds 60 models under distinct ids, and 25 aliases that lead to them', () => {
    assert.equal(new Set(models.map(({ id }) => id.toLowerCase())).size, 60);
    assert.equal(Object.keys(aliases).length, 25);
    for (const [alias, id] of Object.entries(aliases)) assert.ok(findModel(id), `${alias} leads to ${id}`);
  });

  it('has only models that vLLM can serve', () => {
    for (const { id, architectures } of models) {
      assert.ok(
        architectures.some((name) => supportedArchitectures.includes(name)),
        id,
      );
    }
  });

  it('names only known models in the transformers and tuning tables', () => {
    const shortNames = new Set(models.map(({ id }) => id.slice(id.lastIndexOf('/') + 1).toLowerCase()));
    for (const name of tunablePresets) assert.ok(shortNames.has(name), name);
    assert.equal(tunableNames.length, tunablePresets.length);
    assert.ok(transformersFlags('phi-4'));
    assert.equal(transformersFlags('phi-4-mini-instruct'), undefined);
    assert.equal(transformersFlags('constructor'), undefined);
  });
});

describe('the runtimes beside vLLM', () => {
  const families: Readonly<Record<string, readonly string[]>> = {
    'auto pipeline trust_remote_code': [
      'phi-4',
      'phi-3-mini-4k-instruct',
      'phi-3-mini-128k-instruct',
      'phi-3-medium-4k-instruct',
      'phi-3-medium-128k-instruct',
      'phi-3.5-mini-instruct',
    ],
    'bfloat16 allow_remote_files chat_template pipeline': [
      'mistral-7b-v0.3',
      'mistral-7b-instruct-v0.3',
      'llama-3.1-8b-instruct',
      'llama-3.3-70b-instruct',
    ],
    'auto allow_remote_files pipeline': ['gemma-3-4b-it', 'gemma-3-27b-it', 'gpt-oss-20b', 'gpt-oss-120b'],
    'bfloat16 pipeline': [
      'qwen2.5-coder-7b-instruct',
      'qwen2.5-coder-32b-instruct',
      'deepseek-r1-distill-llama-8b',
      'deepseek-r1-distill-qwen-14b',
    ],
    'bfloat16 allow_remote_files pipeline': ['deepseek-r1-0528', 'deepseek-v3-0324'],
  };

  it('serve with transformers the 20 models that KAITO does, with its flags', () => {
    const served = models.map(({ id }) => id.replace(/^.*\//, '').toLowerCase()).filter(transformersFlags);
    assert.deepEqual(served.sort(), Object.values(families).flat().sort());
    for (const [flags, names] of Object.entries(families)) {
      for (const name of names) {
        const { torch_dtype, ...others } = transformersFlags(name) ?? {};
        assert.equal([torch_dtype, ...Object.keys(others).sort()].join(' '), flags, name);
      }
    }
    const template = (name: string) => transformersFlags(name)?.['chat_template'];
    assert.equal(template('mistral-7b-v0.3'), '/workspace/chat_templates/mistral-instruct.jinja');
    assert.equal(template('llama-3.1-8b-instruct'), '/workspace/chat_templates/llama-3-instruct.jinja');
  });

  it('tune the ten models that KAITO does, each with its memory and disk', () => {
    assert.deepEqual(
      Object.fromEntries(
        tunablePresets.map((name) => [name, [findTunable(name)?.memory, findTunable(name)?.disk]]),
      ),
      {
        'phi-4': ['70Gi', '150Gi'],
        'phi-4-mini-instruct': ['72Gi', '70Gi'],
        'phi-3-mini-4k-instruct': ['72Gi', '80Gi'],
        'phi-3-mini-128k-instruct': ['72Gi', '80Gi'],
        'phi-3-medium-4k-instruct': ['80Gi', '120Gi'],
        'phi-3-medium-128k-instruct': ['80Gi', '120Gi'],
        'phi-3.5-mini-instruct': ['72Gi', '70Gi'],
        'mistral-7b-v0.3': ['16Gi', '90Gi'],
        'qwen2.5-coder-7b-instruct': ['24Gi', '110Gi'],
        'qwen2.5-coder-32b-instruct': ['140Gi', '230Gi'],
      },
    );
  });
});

interface ExpectedFacts {
  id: string;
  disk: string;
  readinessTimeoutSeconds: number;
  vllmFlags: Record<string, string>;
}

/** KAITO v0.12.0's own numbers for its 60 models. */
const expected = JSON.parse(
  readFileSync(new URL('../../golden/preset-facts.json', import.meta.url), 'utf8'),
) as ExpectedFacts[];

describe('the facts derived for a preset', () => {
  for (const { id, disk, readinessTimeoutSeconds, ...facts } of expected) {
    it(`are KAITO's: ${id}`, () => {
      const resolution = resolvePreset(id);
      assert.ok(resolution.kind === 'known');
      const own = resolution.facts;
      assert.deepEqual(
        Object.fromEntries(
          Object.keys(facts).map((key) => [key, Object.entries(own).find(([name]) => name === key)?.[1]]),
        ),
        facts,
      );
      assert.equal(`${own.diskGiB}Gi`, disk);
      assert.equal(own.readinessTimeoutSeconds, readinessTimeoutSeconds);
    });
  }
});

describe('a preset name', () => {
  for (const name of ['phi-4', 'PHI-4', 'microsoft/phi-4', 'Microsoft/Phi-4']) {
    it(`resolves in any spelling: ${name}`, () => {
      const resolution = resolvePreset(name);
      assert.ok(resolution.kind === 'known');
      assert.equal(resolution.facts.id, 'microsoft/phi-4');
    });
  }

  it('of the 25 short ones and of the 60 models resolves in any case, to the lower-case id that vLLM gets', () => {
    const names = [...Object.entries(aliases), ...models.map(({ id }) => [id, id.toLowerCase()] as const)];
    assert.equal(names.length, 85);
    for (const [name, id] of names) {
      for (const spelling of [name, name.toUpperCase(), name.toLowerCase()]) {
        const resolution = resolvePreset(spelling);
        assert.ok(resolution.kind === 'known', spelling);
        assert.deepEqual([resolution.facts.id, resolution.facts.shortName], [id, id.replace(/^.*\//, '')]);
      }
    }
  });

  it('of the v1alpha1 era means the model of today', () => {
    const resolution = resolvePreset('mistral-7b');
    assert.ok(resolution.kind === 'known');
    assert.equal(resolution.facts.shortName, 'mistral-7b-v0.3');
  });

  it('of any other Hugging Face model is left to planning', () => {
    assert.deepEqual(resolvePreset('Some/Model'), { kind: 'foreign', id: 'some/model' });
  });

  it('that means nothing is answered with the nearest one', () => {
    assert.deepEqual(resolvePreset('phi-3-mini-4k-instrct'), {
      kind: 'unknown',
      nearest: 'phi-3-mini-4k-instruct',
    });
    for (const name of ['', '/', 'a/', '/b', 'a/b/c', 'constructor', '__proto__', 'falcon-7b'])
      assert.equal(resolvePreset(name).kind, 'unknown', name);
    assert.equal(resolvePreset('phi-2').kind, 'deprecated');
  });
});
