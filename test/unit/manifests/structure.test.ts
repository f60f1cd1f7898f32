import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { renderDevicePlugin } from '../../../shared/manifests/device-plugin.ts';
import { renderWorkload } from '../../../shared/manifests/workload.ts';
import { planWorkspace, type PlanContext } from '../../../shared/planning/plan.ts';
import { presetNames } from '../../../shared/planning/resolve-preset.ts';
import { parseDocument } from '../../../shared/workspace/parse.ts';
import { validateCreate } from '../../../shared/workspace/validate.ts';
import type { Workspace } from '../../../shared/workspace/workspace.ts';
import { tunableNames } from '../../../presets/catalogue.ts';
import { workspace } from '../planning/workspaces.ts';
import { manifestCases } from './cases.ts';
import { schemaFaults } from './kubernetes-schema.ts';

const gates = { mig: true, accelerator: true };
const examples = new URL('../../../examples/', import.meta.url);

function faultsOf(valid: Workspace, context: PlanContext, nvme: boolean): string[] {
  const planned = planWorkspace(valid, context);
  if (!planned.ok) return [JSON.stringify(planned.faults)];
  const objects = renderWorkload(valid, planned.plan, {
    ownerUid: 'u',
    localNvmeStorageClass: nvme,
    revision: '1',
  });
  return objects.flatMap((object) =>
    schemaFaults(JSON.parse(JSON.stringify(object)), `V1${object.kind ?? ''}`),
  );
}

describe('every object that is rendered is one that Kubernetes knows, field by field', () => {
  it('for each preset on one large machine and on a small one, with and without local disks', () => {
    for (const preset of presetNames()) {
      for (const instanceType of ['Standard_ND96isr_H200_v5', 'Standard_NC80adis_H100_v5']) {
        for (const nvme of [true, false]) {
          const faults = faultsOf(workspace({ preset, instanceType }), {}, nvme);
          assert.deepEqual(faults, [], `${preset} on ${instanceType}`);
        }
      }
    }
  });

  it('for each worked manifest', () => {
    for (const { draft, context = {}, golden } of manifestCases) {
      const valid = workspace(draft, { provisioning: context.provisioning ?? 'auto', gates });
      assert.deepEqual(faultsOf(valid, context, true), [], golden);
    }
  });

  it('for each preset that can be tuned', () => {
    for (const name of tunableNames) {
      for (const input of [{ urls: ['https://data.example/x'] }, { image: 'ghcr.io/me/data' }]) {
        const output = { image: 'ghcr.io/me/adapter:1', imagePushSecret: 's' };
        const tuning = { preset: { name }, method: 'qlora', input, output };
        assert.deepEqual(faultsOf(workspace({ tuning }), {}, false), [], name);
      }
    }
  });

  it('for each example', () => {
    const files = readdirSync(examples).filter((file) => file.endsWith('.yaml'));
    assert.ok(files.length > 0);
    for (const file of files) {
      const parsed = parseDocument(readFileSync(new URL(file, examples), 'utf8'), 'application/yaml');
      assert.ok(parsed.ok, file);
      const valid = validateCreate(parsed.value);
      assert.ok(valid.ok, file);
      assert.deepEqual(faultsOf(valid.value, {}, true), [], file);
    }
  });

  it('for the device plugin', () => assert.deepEqual(schemaFaults(renderDevicePlugin(), 'V1DaemonSet'), []));

  it('and the check can fail', () => {
    const plugin = renderDevicePlugin();
    const { template, ...rest } = plugin.spec ?? {};
    assert.deepEqual(schemaFaults({ ...plugin, spec: { ...rest, templates: template } }, 'V1DaemonSet'), [
      'V1DaemonSet.spec.template: missing',
      'V1DaemonSet.spec.templates: unknown',
    ]);
    assert.deepEqual(schemaFaults({ metadata: { name: 1, labels: [] } }, 'V1DaemonSet'), [
      'V1DaemonSet.metadata.name: no string',
      'V1DaemonSet.metadata.labels: not a map',
    ]);
  });
});
