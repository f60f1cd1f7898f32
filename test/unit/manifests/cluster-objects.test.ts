import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toCustomResource } from '../../../shared/manifests/custom-resource.ts';
import { renderDevicePlugin } from '../../../shared/manifests/device-plugin.ts';
import { headlessServiceName, partName, serviceName, workloadName } from '../../../shared/manifests/names.ts';
import { nodeLabels, nodeOsSku, nodeTaints } from '../../../shared/manifests/node-pool.ts';
import { isDnsLabel } from '../../../shared/workspace/names.ts';
import { readWorkspace } from '../../../shared/workspace/validate.ts';
import { workspace } from '../planning/workspaces.ts';
import { assertGolden } from './golden.ts';

describe('nodes of a Workspace', () => {
  it("carry the user's labels, the Workspace's name and the machine type, but no reserved key from the selector", () => {
    const matchLabels = { apps: 'phi', 'kaito.sh/workspace': 'forged' };
    assert.deepEqual(nodeLabels(workspace({ name: 'phi', matchLabels })), {
      'karpenter.sh/nodepool': 'kaito',
      'kaito.sh/workspace': 'phi',
      'kaito.sh/workspacenamespace': 'default',
      apps: 'phi',
      'kaito.sh/machine-type': 'gpu',
      accelerator: 'nvidia',
    });
  });

  it('are tainted for GPU work', () => assert.deepEqual(nodeTaints(), ['sku=gpu:NoSchedule']));

  it('run the image family of the annotation, whatever its case', () => {
    assert.equal(nodeOsSku(workspace()), 'Ubuntu');
    assert.equal(
      nodeOsSku(workspace({ annotations: { 'kaito.sh/node-image-family': ' AzureLinux ' } })),
      'AzureLinux',
    );
  });
});

describe('the device plugin', () => {
  it('is one DaemonSet for GPU nodes of both kinds', () =>
    assertGolden('device-plugin', [renderDevicePlugin()]));
});

describe('names of objects', () => {
  const longest = 'x'.repeat(63);
  for (const name of [longest, `1${'y'.repeat(62)}`, `${'z'.repeat(51)}-${'z'.repeat(11)}`, '1', 'plain']) {
    it(`are valid for a Workspace named ${name}`, () => {
      const valid = workspace({ name });
      for (const made of [workloadName(valid), serviceName(valid), headlessServiceName(valid)])
        assert.ok(isDnsLabel(made), made);
      assert.match(serviceName(valid), /^[a-z]/);
      assert.match(headlessServiceName(valid), /^[a-z]/);
      assert.ok(workloadName(valid).length <= 52);
    });
  }

  it('are those of KAITO where those work', () => {
    const valid = workspace({ name: 'plain' });
    assert.deepEqual(
      [workloadName(valid), serviceName(valid), headlessServiceName(valid)],
      ['plain', 'plain', 'plain-headless'],
    );
  });
});

describe('the custom resource', () => {
  it('reads back as the Workspace it was made from', () => {
    const valid = workspace({
      version: 'v1alpha1',
      annotations: { 'kaito.sh/runtime': 'vllm' },
      labels: { team: 'a' },
    });
    const read = readWorkspace(JSON.parse(JSON.stringify(toCustomResource(valid))));
    assert.deepEqual(read, { ok: true, value: valid, warnings: [] });
  });
});

describe('names of containers and volumes', () => {
  it('are those of KAITO where those work', () => {
    assert.equal(partName('puller-', 'fast'), 'puller-fast');
    assert.equal(partName('docker-config-', '', '-tuning-input'), 'docker-config--tuning-input');
  });

  it('are DNS labels, one for each name, whatever the user calls an adapter or data', () => {
    const given = [
      'a.b',
      'a-b.c',
      'a.b-c',
      'x'.repeat(253),
      `${'x'.repeat(252)}y`,
      'Upper',
      'a/b:c',
      '../..',
      '-',
    ];
    const names = given.map((name) => partName('docker-config-', name, '-inference-adapter'));
    for (const name of names) assert.ok(isDnsLabel(name), name);
    assert.equal(new Set(names).size, given.length);
  });
});
