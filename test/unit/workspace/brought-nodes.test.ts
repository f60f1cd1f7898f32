import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validateCreate } from '../../../shared/workspace/validate.ts';

function warningsOf(annotations: Record<string, string>, provisioning: 'auto' | 'byo'): string[] {
  const read = validateCreate(
    {
      apiVersion: 'kaito.sh/v1beta1',
      kind: 'Workspace',
      metadata: { name: 'phi', annotations },
      resource: {
        instanceType: provisioning === 'byo' ? '' : 'Standard_NC24ads_A100_v4',
        labelSelector: { matchLabels: { apps: 'phi' } },
      },
      inference: { preset: { name: 'phi-4' } },
    },
    { provisioning },
  );
  assert.ok(read.ok, JSON.stringify(read));
  return read.warnings;
}

describe('options of nodes on a cluster whose users bring them', () => {
  it('are said to do nothing, one by one', () => {
    const warnings = warningsOf({ 'slipway.dev/priority': 'spot', 'slipway.dev/zones': '1' }, 'byo');
    assert.equal(warnings.length, 2);
    assert.match(warnings.join(), /\[slipway.dev\/priority\]: does nothing here/);
    assert.match(warnings.join(), /\[slipway.dev\/zones\]: does nothing here/);
  });

  it('of suspension are said to release nothing', () => {
    const warnings = warningsOf({ 'slipway.dev/suspended': 'true' }, 'byo');
    assert.match(warnings.join(), /releases nothing here.*pods go on running/);
  });

  it('are taken without a word where nodes are made', () => {
    assert.deepEqual(
      warningsOf({ 'slipway.dev/priority': 'spot', 'slipway.dev/suspended': 'true' }, 'auto'),
      [],
    );
  });

  it('are no matter for a workspace that names none', () => {
    assert.deepEqual(warningsOf({}, 'byo'), []);
  });
});
