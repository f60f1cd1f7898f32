import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readSettings } from '../../../shared/config/settings.ts';
import { Terminal } from '../../../shared/errors/slipway-error.ts';
import { admissionOf } from '../../../shared/reconcile/admission-of.ts';

const resourceId =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/models/providers/Microsoft.ContainerService/managedClusters/aks-main';

function environment(fields: object): Record<string, string> {
  return {
    SLIPWAY_CLUSTERS: JSON.stringify([{ name: 'main', resourceId, ...fields }]),
    ServiceBusConnection__fullyQualifiedNamespace: 'bus.servicebus.windows.net',
  };
}

function provisionerOf(fields: object): unknown {
  return readSettings(environment(fields)).clusters[0]?.provisioner;
}

function faultOf(fields: object): string {
  try {
    readSettings(environment(fields));
  } catch (error) {
    assert.ok(error instanceof Terminal);
    return error.message;
  }
  return assert.fail('accepted');
}

describe('where a cluster’s nodes come from', () => {
  it('is agent pools unless said otherwise', () => {
    assert.equal(provisionerOf({}), undefined);
    assert.equal(provisionerOf({ provisioner: 'agentPool' }), undefined);
  });

  it('is Karpenter with NodePools and node classes of Slipway’s own, unless others are named', () => {
    assert.deepEqual(provisionerOf({ provisioner: 'karpenter' }), {
      kind: 'karpenter',
      objects: 'NodePool',
      nodeClasses: [],
    });
    assert.deepEqual(provisionerOf({ provisioner: 'karpenter', nodeClasses: ['default', 'big-disk'] }), {
      kind: 'karpenter',
      objects: 'NodePool',
      nodeClasses: ['default', 'big-disk'],
    });
    assert.deepEqual(provisionerOf({ provisioner: 'karpenter', karpenterObjects: 'NodeClaim' }), {
      kind: 'karpenter',
      objects: 'NodeClaim',
      nodeClasses: [],
    });
  });

  it('is agent pools that workspaces share', () => {
    assert.deepEqual(provisionerOf({ nodeAllocation: 'shared' }), {
      kind: 'agentPool',
      nodeAllocation: 'shared',
    });
    assert.equal(provisionerOf({ nodeAllocation: 'dedicated' }), undefined);
  });

  it('is the user', () => {
    assert.deepEqual(provisionerOf({ provisioner: 'byo' }), { kind: 'byo' });
  });

  const refused: [why: string, fields: object, told: RegExp][] = [
    ['a way that is not known', { provisioner: 'vmss' }, /\[0\]\.provisioner.*agentPool, karpenter, byo/s],
    ['a word that is not known', { nodeAllocation: 'pooled' }, /\[0\]\.nodeAllocation.*dedicated.*shared/s],
    [
      'shares of what is no agent pool',
      { provisioner: 'karpenter', nodeAllocation: 'shared' },
      /nodeAllocation: means nothing here.*only agent pools/s,
    ],
    ['a name that only looks like one', { provisioner: 'toString' }, /\[0\]\.provisioner/],
    [
      'objects that are not known',
      { provisioner: 'karpenter', karpenterObjects: 'Machine' },
      /\[0\]\.karpenterObjects.*NodePool/s,
    ],
    ['classes that are no list', { provisioner: 'karpenter', nodeClasses: 'default' }, /\[0\]\.nodeClasses/],
    [
      'classes that are no names',
      { provisioner: 'karpenter', nodeClasses: ['Default!'] },
      /\[0\]\.nodeClasses/,
    ],
    [
      'Karpenter’s fields elsewhere',
      { provisioner: 'byo', nodeClasses: ['default'] },
      /nodeClasses: means nothing here.*"provisioner": "karpenter"/s,
    ],
  ];
  for (const [why, fields, told] of refused) {
    it(`is refused at start for ${why}, with a remedy`, () => {
      assert.match(faultOf(fields), told);
    });
  }

  it('decides what a Workspace may say', () => {
    assert.deepEqual(admissionOf(undefined), {});
    assert.deepEqual(admissionOf({ kind: 'agentPool', nodeAllocation: 'shared' }), {
      nodeAllocation: 'shared',
    });
    assert.deepEqual(admissionOf({ kind: 'byo' }), { provisioning: 'byo', nodeAllocation: 'fixed' });
    assert.deepEqual(admissionOf({ kind: 'karpenter', objects: 'NodePool', nodeClasses: ['a'] }), {
      nodeAllocation: 'fixed',
      nodeClasses: ['a'],
    });
    assert.deepEqual(admissionOf({ kind: 'karpenter', objects: 'NodePool', nodeClasses: [] }), {
      nodeAllocation: 'fixed',
    });
  });
});
