import type { V1ConfigMap } from './kubernetes-models.ts';
import type { Plan } from '../planning/plan.ts';
import { defaultTrainingConfig, type TuningMethod } from '../planning/training-defaults.ts';
import type { Tuning, Workspace } from '../workspace/workspace.ts';
import { managedBySlipway } from './object-metadata.ts';

/** Name of the ConfigMap the Job mounts: the user's, or KAITO's template for the method, with a float16 twin for GPUs without bfloat16. */
export function trainingConfigName(tuning: Tuning, plan: Plan): string {
  const given = tuning.config ?? '';
  if (given !== '') return given;
  return `${methodOf(tuning)}-params-${plan.dtype === 'float16' ? 'float16' : 'template'}`;
}

/**
 * KAITO's default training config for a method, in the namespace of the Workspace. Shared by all Workspaces there, so it is owned by none.
 * Source: reference, i.5.
 */
export function trainingConfigMap(workspace: Workspace, tuning: Tuning, plan: Plan): V1ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: trainingConfigName({ ...tuning, config: '' }, plan),
      namespace: workspace.metadata.namespace,
      labels: { ...managedBySlipway },
    },
    data: {
      'training_config.yaml': defaultTrainingConfig(
        methodOf(tuning),
        plan.dtype === 'float16' ? 'float16' : 'bfloat16',
      ),
    },
  };
}

function methodOf(tuning: Tuning): TuningMethod {
  return tuning.method?.toLowerCase() === 'qlora' ? 'qlora' : 'lora';
}
