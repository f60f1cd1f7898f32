import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { buildApp } from '../../../infra/build.ts';
import { checkPresets, presetsDirectory } from '../../../infra/check-presets.ts';

let folder: string;

/** Writes a data file with one piece of text replaced. */
async function spoil(file: string, from: string, to: string): Promise<void> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  assert.ok(text.includes(from), `${file} holds ${from}`);
  await writeFile(path, text.replace(from, to));
}

describe('the check of the preset data', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-presets-'));
    await cp(presetsDirectory, folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('passes the data that is shipped', () => checkPresets());

  const spoilt: readonly [fault: string, file: string, from: string, to: string, told: RegExp][] = [
    ['a size that is no quantity', 'models.json', '"27.31Gi"', '"27 GB"', /models.json: models.0.weights/],
    ['an unknown field', 'models.json', '"hiddenSize"', '"hidenSize"', /hidenSize/],
    ['an architecture nobody serves', 'models.json', 'Phi3ForCausalLM', 'Phi9', /serves none of Phi9/],
    ['a model given twice', 'models.json', 'microsoft/Phi-4-mini-instruct', 'Microsoft/phi-4', /there twice/],
    ['an alias that leads nowhere', 'aliases.json', '"microsoft/phi-4"', '"microsoft/phi-5"', /phi-5, which/],
    ['a family that is not there', 'transformers.json', '"phi-4": "phi"', '"phi-4": "phii"', /named phii/],
    ['a tunable that is no model', 'tuning.json', '"phi-4":', '"phi-9":', /no model is named phi-9/],
    ['text that is no JSON', 'images.json', '{', '', /images.json/],
  ];
  for (const [fault, file, from, to, told] of spoilt) {
    it(`refuses ${fault}`, async () => {
      await spoil(file, from, to);
      await assert.rejects(checkPresets(folder), told);
    });
  }

  it('stops the build', async () => {
    await spoil('models.json', '"27.31Gi"', '27');
    const outDirectory = join(folder, 'dist');
    await assert.rejects(
      buildApp({ outDirectory, presetsDirectory: folder }),
      /preset data .* is not usable/,
    );
    await assert.rejects(readFile(join(outDirectory, 'package.json')), { code: 'ENOENT' });
  });
});
