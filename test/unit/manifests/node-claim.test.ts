import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeClaimName, renderNodeClaim } from '../../../shared/manifests/node-claim.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import { plan, workspace } from '../planning/workspaces.ts';
import { manifestCases } from './cases.ts';
import { assertGolden } from './golden.ts';

type Draft = NonNullable<Parameters<typeof workspace>[0]>;

function claim(draft: Draft, defaultImageFamily?: string) {
  const valid = workspace(draft);
  const planned = planWorkspace(valid);
  assert.ok(planned.ok, JSON.stringify(planned));
  const options = { name: nodeClaimName(valid, '2006-01-02 15:04:05.000000001') };
  return renderNodeClaim(
    valid,
    planned.plan,
    defaultImageFamily === undefined ? options : { ...options, defaultImageFamily },
  );
}

const family = (wish: string | undefined, fallback?: string) =>
  claim(wish === undefined ? {} : { annotations: { 'kaito.sh/node-image-family': wish } }, fallback).metadata
    .annotations?.['kaito.sh/node-image-family'];

describe('the NodeClaim of a Workspace', () => {
  it("is KAITO's, field by field", () =>
    assertGolden('node-claim', [
      claim({
        name: 'workspace-phi-3-mini',
        preset: 'phi-3-mini-128k-instruct',
        instanceType: 'Standard_NV36ads_A10_v5',
      }),
      claim({
        name: 'custom-llm',
        matchLabels: { apps: 'custom', 'kaito.sh/workspace': 'forged', 'karpenter.sh/nodepool': 'mine' },
        annotations: { 'kaito.sh/node-image-family': ' AzureLinux ' },
        inference: { preset: undefined, template: { spec: { containers: [{ name: 'c', image: 'x/y:1' }] } } },
      }),
    ]));

  const worked: readonly [golden: string, claims: number, storage: string, instanceType: string][] = [
    ['01', 1, '87Gi', 'Standard_NV36ads_A10_v5'],
    ['02', 1, '107Gi', 'Standard_NC24ads_A100_v4'],
    ['03', 1, '94Gi', 'Standard_NC24ads_A100_v4'],
    ['04', 1, '211Gi', 'Standard_NC96ads_A100_v4'],
    ['05', 2, '211Gi', 'Standard_NC48ads_A100_v4'],
    ['06', 2, '721Gi', 'Standard_ND96isr_H100_v5'],
    ['07', 1, '87Gi', 'Standard_NC24ads_A100_v4'],
    ['09', 1, '93Gi', 'Standard_NC48ads_A100_v4'],
    ['10', 1, '201Gi', 'Standard_NC80adis_H100_v5'],
    ['11', 1, '235Gi', 'Standard_NC96ads_A100_v4'],
    ['12', 1, '87Gi', 'Standard_NC24ads_A100_v4'],
    ['13', 1, '1024Gi', 'Standard_NC24ads_A100_v4'],
  ];
  for (const [number, claims, storage, instanceType] of worked) {
    it(`is asked for as often as in worked manifest ${number}, with the same disk and size`, () => {
      const { draft, context } = manifestCases.find(({ golden }) => golden.startsWith(number)) ?? {};
      const planned = plan(draft, context);
      const one = renderNodeClaim(workspace(draft), planned, { name: 'ws000000000' });
      assert.deepEqual(
        [planned.nodeCount, one.spec.resources.requests.storage, one.spec.requirements[1]?.values],
        [claims, storage, [instanceType]],
      );
    });
  }

  it('runs the image family of the annotation, else that of the deployment, else Ubuntu', () => {
    assert.equal(family('azurelinux', 'ubuntu'), 'azurelinux');
    assert.equal(family(undefined), 'ubuntu');
    assert.equal(family(undefined, 'AzureLinux'), 'azurelinux');
    assert.equal(family(undefined, 'flatcar'), undefined);
  });

  it('asks for a disk that holds the weights, and for a roomy one where nothing is known about them', () => {
    assert.equal(claim({ preset: 'phi-4' }).spec.resources.requests.storage, '107Gi');
    const tuning = {
      preset: { name: 'phi-4' },
      method: 'lora',
      input: { urls: ['https://data.example/x'] },
      output: { volumeSource: { emptyDir: {} } },
    };
    assert.equal(claim({ tuning }).spec.resources.requests.storage, '1024Gi');
  });

  it('asks for the size in the spelling that Azure knows', () => {
    const { instanceType } = plan({ instanceType: 'standard_nc24ads_a100_v4' });
    assert.equal(instanceType, 'Standard_NC24ads_A100_v4');
  });

  it('has a name that an agent pool may have, another one for each node and moment', () => {
    const names = ['a', 'b', 'c'].map((moment) => nodeClaimName(workspace(), moment));
    for (const name of names) assert.match(name, /^ws[0-9a-f]{9}$/);
    assert.equal(new Set([...names, nodeClaimName(workspace({ name: 'other' }), 'a')]).size, 4);
    assert.equal(nodeClaimName(workspace(), 'a'), names[0]);
  });
});
