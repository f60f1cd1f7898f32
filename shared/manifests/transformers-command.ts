import { transformersFlags } from '../../presets/catalogue.ts';
import type { PlannedModel } from '../planning/plan.ts';
import { commandLine, revisionFlag } from './vllm-command.ts';

const launch = 'accelerate launch --num_processes=1 --num_machines=1 --machine_rank=0 --gpu_ids=all';
const server = '/workspace/tfs/inference_api.py';

/** The shell line that serves a model with transformers, in the precision planned where the GPU has no bfloat16. Source: reference, g.4. */
export function transformersCommand(model: PlannedModel): string {
  const flags = {
    ...transformersFlags(model.shortName),
    ...(model.flags['dtype'] === 'float16' ? { torch_dtype: 'float16' } : {}),
    ...revisionFlag(model),
    served_model_name: model.shortName,
    pretrained_model_name_or_path: model.id,
    allow_remote_files: '',
  };
  return [launch, server, ...commandLine(flags)].join(' ');
}
