import assert from 'node:assert/strict';
import { renderWorkload } from '../../../shared/manifests/workload.ts';
import { planWorkspace } from '../../../shared/planning/plan.ts';
import type { Fault, Validated } from '../../../shared/workspace/fault.ts';
import { parseDocument } from '../../../shared/workspace/parse.ts';
import {
  defaultWorkspace,
  readWorkspace,
  validateCreate,
  validateUpdate,
} from '../../../shared/workspace/validate.ts';
import type { AdmissionContext } from '../../../shared/workspace/admission-context.ts';
import type { Workspace } from '../../../shared/workspace/workspace.ts';
import { changeBetween } from '../../../shared/workspace/change.ts';

export type Outcome = 'malformed' | 'refused' | 'unplannable' | 'rendered';

function assertTellsWhy(faults: readonly Fault[]): void {
  assert.ok(faults.length > 0);
  for (const { field, reason, message, remedy } of faults) {
    assert.match(reason, /^FieldValue[A-Z]/);
    assert.ok(message !== '' && message.length < 2000 && field.length < 500, `${field}: ${message}`);
    assert.ok(remedy !== undefined && remedy !== '', `${field}: ${message}: no remedy`);
  }
}

/** What is recorded already, for the text to be its successor. */
const recorded = {
  apiVersion: 'kaito.sh/v1beta1',
  kind: 'Workspace',
  metadata: { name: 'my-model' },
  resource: {
    instanceType: 'Standard_NC24ads_A100_v4',
    labelSelector: { matchLabels: { apps: 'my-model' } },
  },
  inference: { preset: { name: 'phi-4' } },
};

/** A cluster with nodes of its own, and with whatever ConfigMap is asked for: it holds the text itself. */
function ownCluster(text: string): AdmissionContext {
  const gpus = {
    'nvidia.com/gpu.product': 'A100',
    'nvidia.com/gpu.count': '1',
    'nvidia.com/gpu.memory': '81920',
  };
  return {
    provisioning: 'byo',
    gates: { mig: true, accelerator: true, modelStreaming: true },
    nodes: [{ name: 'node', labels: { apps: 'my-model', ...gpus } }],
    configMap: () => ({ 'inference_config.yaml': text, 'training_config.yaml': text }),
  };
}

function assertAnswers(result: Validated<Workspace>): void {
  if (!result.ok) assertTellsWhy(result.faults);
}

/** Sends a text the way a request goes: nothing may throw, and every refusal must say why. */
export function passThrough(text: string): Outcome {
  const parsed = parseDocument(text);
  if (!parsed.ok) {
    assertTellsWhy(parsed.faults);
    return 'malformed';
  }
  readWorkspace(parsed.value);
  assertAnswers(defaultWorkspace(parsed.value));
  assertAnswers(validateCreate(parsed.value, ownCluster(text)));
  const updated = validateUpdate(recorded, parsed.value, ownCluster(text));
  assertAnswers(updated);
  const before = readWorkspace(recorded);
  if (updated.ok && before.ok) changeBetween(before.value, updated.value);
  const valid = validateCreate(parsed.value);
  if (!valid.ok) {
    assertTellsWhy(valid.faults);
    return 'refused';
  }
  assert.ok(validateUpdate(valid.value, parsed.value).ok, 'an unchanged Workspace may be sent again');
  const planned = planWorkspace(valid.value);
  if (!planned.ok) {
    assertTellsWhy(planned.faults);
    return 'unplannable';
  }
  const objects = renderWorkload(valid.value, planned.plan, { ownerUid: 'u', localNvmeStorageClass: true });
  assert.ok(objects.length >= 2 && JSON.stringify(objects).length < 64 * 1024);
  return 'rendered';
}

/** How many texts ended how. */
export type Counts = Record<Outcome, number>;

export function noCounts(): Counts {
  return { malformed: 0, refused: 0, unplannable: 0, rendered: 0 };
}
