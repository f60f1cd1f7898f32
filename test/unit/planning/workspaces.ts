import assert from 'node:assert/strict';
import {
  planWorkspace,
  type Plan,
  type PlanContext,
  type PlanResult,
} from '../../../shared/planning/plan.ts';
import type { AdmissionContext } from '../../../shared/workspace/admission-context.ts';
import { validateCreate } from '../../../shared/workspace/validate.ts';
import type { Workspace } from '../../../shared/workspace/workspace.ts';

interface Draft {
  name?: string;
  version?: 'v1alpha1' | 'v1beta1';
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  instanceType?: string;
  count?: number;
  matchLabels?: Record<string, string>;
  partition?: object;
  preset?: string;
  inference?: object;
  tuning?: object;
}

/** A Workspace document as a user would write it: phi-4 on one A100 unless the draft says otherwise. */
export function document(draft: Draft = {}): Record<string, unknown> {
  const { name = 'my-model', version = 'v1beta1', annotations, labels, tuning, preset = 'phi-4' } = draft;
  const { instanceType = 'Standard_NC24ads_A100_v4', count, partition, matchLabels = { apps: name } } = draft;
  const sections =
    tuning === undefined ? { inference: { preset: { name: preset }, ...draft.inference } } : { tuning };
  return JSON.parse(
    JSON.stringify({
      apiVersion: `kaito.sh/${version}`,
      kind: 'Workspace',
      metadata: { name, annotations, labels },
      resource: { instanceType: instanceType || undefined, count, partition, labelSelector: { matchLabels } },
      ...sections,
    }),
  ) as Record<string, unknown>;
}

/** The Workspace of a draft, which must be valid. */
export function workspace(draft: Draft = {}, context: Partial<AdmissionContext> = {}): Workspace {
  const validated = validateCreate(document(draft), context);
  assert.ok(validated.ok, JSON.stringify(validated));
  return validated.value;
}

/** The plan of a draft, which must succeed. */
export function plan(draft: Draft = {}, context: PlanContext = {}): Plan {
  const result = planWorkspace(workspace(draft, { provisioning: context.provisioning ?? 'auto' }), context);
  assert.ok(result.ok, JSON.stringify(result));
  return result.plan;
}

/** The refusal of a draft, which must be valid and cannot be planned. Every gate of KAITO's is open. */
export function refusal(draft: Draft = {}, context: PlanContext = {}): PlanResult & { ok: false } {
  const admission = { provisioning: context.provisioning ?? 'auto', gates: { mig: true, accelerator: true } };
  const result = planWorkspace(workspace(draft, admission), context);
  assert.ok(!result.ok, JSON.stringify(result));
  return result;
}
