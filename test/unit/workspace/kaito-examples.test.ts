import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseDocument } from '../../../shared/workspace/parse.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { defaultWorkspace, validateCreate } from '../../../shared/workspace/validate.ts';

/** The Workspaces among KAITO v0.12.0's examples, each under a comment with its file. */
const examples = readFileSync(new URL('../../golden/kaito-examples.yaml', import.meta.url), 'utf8').split(
  /^---$/m,
);

/** Examples that are not meant to be applied as they stand, and the fields that say so. */
const placeholders: Readonly<Record<string, readonly string[]>> = {
  '<your-vm-sku>': ['resource.instanceType'],
  ADAPTER_HERE: ['inference.adapters[0].source.image'],
  IMAGE_NAME_HERE: ['tuning.output.image'],
  SECRET_HERE: ['tuning.output.imagePushSecret'],
  'falcon-7b': ['tuning.preset.name'],
};

/** Fields that hold a placeholder or a preset that KAITO itself no longer knows. */
function expectedFaults(text: string): string[] {
  return Object.entries(placeholders).flatMap(([mark, fields]) => (text.includes(mark) ? fields : []));
}

describe("KAITO's own examples", () => {
  it('are all here', () => assert.ok(examples.length > 40));

  for (const text of examples) {
    const file = /^# (.*)$/m.exec(text)?.[1] ?? '';
    const partitioned = text.includes('partition:');
    const context = partitioned
      ? ({ provisioning: 'byo', gates: { mig: true, accelerator: true } } as const)
      : {};
    it(`are read, and refused only for their placeholders: ${file}`, () => {
      const parsed = parseDocument(text);
      assert.ok(parsed.ok, JSON.stringify(parsed));
      assert.ok(defaultWorkspace(parsed.value).ok, 'every field is known');
      const valid = validateCreate(parsed.value, context);
      const faults = valid.ok ? [] : valid.faults.map(({ field }) => field);
      assert.deepEqual(faults.sort(), expectedFaults(text).sort());
      if (!valid.ok || partitioned) return;
      const planned = planWorkspace(valid.value);
      assert.ok(planned.ok, JSON.stringify(planned));
    });
  }
});
