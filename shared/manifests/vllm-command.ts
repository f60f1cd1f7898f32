import { runtimeTables } from '../../presets/catalogue.ts';
import type { Plan, PlannedModel } from '../planning/plan.ts';
import { Annotation, Label } from '../workspace/annotations.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { leaderAddress } from './names.ts';
import { decodePort, rayPort } from './ports.ts';
import { configFile, localWeightsPath, weightsFolder } from './storage.ts';

const server = 'python3 /workspace/vllm/inference_api.py';
const multiNode = '/workspace/vllm/multi-node-serving.sh';

/** The shell line that serves a model with vLLM, on one node or as leader and workers of a Ray cluster. Source: reference, g.3. */
export function vllmCommand(workspace: Workspace, plan: Plan, model: PlannedModel): string {
  const serve = [server, ...commandLine(vllmFlags(workspace, plan, model))].join(' ');
  if (plan.nodeCount === 1) return serve;
  const leader = `${multiNode} leader --ray_cluster_size=${plan.nodeCount} --ray_port=${rayPort}`;
  const worker = `${multiNode} worker --ray_address=${leaderAddress(workspace)} --ray_port=${rayPort}`;
  return `if [ "\${POD_INDEX}" = "0" ]; then ${leader}; ${serve}; else ${worker}; fi`;
}

/** Flags in alphabetical order; a bare flag has an empty value. */
export function commandLine(flags: Readonly<Record<string, string>>): string[] {
  return Object.keys(flags)
    .sort()
    .map((name) => (flags[name] === '' ? `--${name}` : `--${name}=${flags[name]}`));
}

/** Every flag Slipway sets. What the user's ConfigMap says comes later on vLLM's command line and wins. */
export function vllmFlags(workspace: Workspace, plan: Plan, model: PlannedModel): Record<string, string> {
  const { annotations } = workspace.metadata;
  const flags: Record<string, string> = {
    'served-model-name': servedName(workspace, model),
    'max-model-len': 'auto',
    // A10 nodes show less free memory than their label says.
    'gpu-memory-utilization': plan.gpuModel === 'NVIDIA A10' ? '0.82' : '0.84',
    'kv-events-config': `'{"enable_kv_cache_events":true}'`,
    'compilation-config.pass_config.fuse_allreduce_rms': 'False',
    ...weightFlags(workspace, model),
    ...parallelFlags(plan),
  };
  const { adapters = [], config = '' } = workspace.inference ?? {};
  if (adapters.length > 0) flags['enable-lora'] = '';
  if (config !== '') flags['kaito-config-file'] = configFile;
  const mode = annotations[Annotation.performanceMode];
  if (mode === 'interactivity' || mode === 'throughput') flags['performance-mode'] = mode;
  if (cacheStaysOnGpu(plan, model)) flags['kaito-kv-cache-cpu-memory-utilization'] = '0';
  if (workspace.metadata.labels[Label.inferenceRole] === 'decode') flags['port'] = String(decodePort);
  return flags;
}

function servedName({ metadata }: Workspace, model: PlannedModel): string {
  if (metadata.labels[Label.multiRoleInference] !== undefined) return model.shortName;
  return metadata.labels[Label.inferenceSet] ?? model.shortName;
}

/**
 * Weights that are on the node are streamed from there, which takes another loader than downloaded ones. Those of a model outside the
 * catalogue are downloaded at the commit that was planned; tokenizer and code follow `--revision` in vLLM.
 */
function weightFlags(workspace: Workspace, model: PlannedModel): Record<string, string> {
  const local = localWeightsPath(workspace);
  if (local === undefined)
    return { ...model.flags, ...revisionFlag(model), model: model.id, 'download-dir': weightsFolder };
  const { load_format: _replaced, ...flags } = model.flags;
  return { ...flags, model: local, 'load-format': 'runai_streamer' };
}

/** Models of the catalogue have none, as in KAITO. */
export function revisionFlag({ revision }: PlannedModel): Record<string, string> {
  return revision === undefined ? {} : { revision };
}

function parallelFlags(plan: Plan): Record<string, string> {
  const flags: Record<string, string> = { 'tensor-parallel-size': String(plan.tensorParallel) };
  if (plan.dataParallel > 1) flags['data-parallel-size'] = String(plan.dataParallel);
  if (plan.nodeCount > 1) {
    flags['pipeline-parallel-size'] = String(plan.pipelineParallel);
    flags['distributed-executor-backend'] = 'ray';
  }
  return flags;
}

/** Whether the KV cache must not be offloaded to CPU memory. Source: reference, g.3. */
function cacheStaysOnGpu(plan: Plan, model: PlannedModel): boolean {
  const spread = plan.migProfile !== null || plan.dataParallel > 1 || plan.nodeCount > 1;
  const { hybridCacheArchitectures, cacheOffloadDisabledArchitectures } = runtimeTables;
  const excluded = [...hybridCacheArchitectures, ...cacheOffloadDisabledArchitectures];
  return spread || model.architectures.some((architecture) => excluded.includes(architecture));
}
