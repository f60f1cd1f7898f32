import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { estimatePreset } from '../../../shared/planning/estimate-preset.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { resolvePreset } from '../../../shared/planning/resolve-preset.ts';
import { workspace } from './workspaces.ts';

const counts = z.array(z.int().nonnegative());
const golden = z
  .object({ sizes: z.array(z.string()), models: z.record(z.string(), z.tuple([counts, counts])) })
  .parse(JSON.parse(readFileSync(new URL('../../golden/node-counts.json', import.meta.url), 'utf8')));

/** Nodes that a Workspace is planned with; 0 when it is refused. */
function plannedNodes(preset: string, instanceType: string, context: number): number {
  const given = workspace({ preset, instanceType, inference: { config: 'params' } });
  const planned = planWorkspace(given, { inferenceConfig: `vllm:\n  max-model-len: ${context}\n` });
  return planned.ok ? planned.plan.nodeCount : 0;
}

describe('the node counts', () => {
  it('are known for every model on every size of KAITO', () => {
    assert.equal(Object.keys(golden.models).length, 60);
    assert.equal(golden.sizes.length, 14);
  });

  for (const [id, [usual, longest]] of Object.entries(golden.models)) {
    it(`are KAITO's, with the usual context and the longest: ${id}`, () => {
      const resolution = resolvePreset(id);
      assert.ok(resolution.kind === 'known');
      const { contextLimit } = resolution.facts;
      for (const [context, expected] of [
        [2048, usual],
        [contextLimit, longest],
      ] as const) {
        const estimated = golden.sizes.map((size) => estimatePreset(id, size, context));
        assert.deepEqual(
          estimated.map((each) => (each.ok ? each.nodes : 0)),
          expected,
        );
        assert.deepEqual(
          golden.sizes.map((size) => plannedNodes(id, size, context)),
          expected,
        );
      }
    });
  }
});
