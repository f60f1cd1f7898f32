import type { Fault } from '../workspace/fault.ts';
import type { ModelFacts } from './model-facts.ts';
import type { NodeFacts } from './node-facts.ts';

/** What rendering needs of the model: pinned in the plan, so that a later catalogue does not change a running workload. */
export interface PlannedModel {
  /** What vLLM and transformers load: the lower-case Hugging Face id. */
  id: string;
  shortName: string;
  /** `NN.NNGi`. */
  weights: string;
  architectures: string[];
  /** vLLM flags that follow from the model and the precision; an empty value is a bare flag. */
  flags: Record<string, string>;
  /** Commit of the Hub that the facts were read at, for a model outside the catalogue. */
  revision?: string;
}

/** The estimator's sum, in GiB with two decimals and per GPU unless named otherwise. */
export interface PlannedEstimate {
  weightsOnAllGpusGiB: number;
  gpuMemoryGiB: number;
  budgetGiB: number;
  overheadGiB: number;
  cacheGiB: number;
  roomGiB: number;
  minimumGpus: number;
}

/** What will be made for a Workspace. Small plain JSON (below 4 KB): it travels through durable history. */
export interface Plan {
  workload: 'inference' | 'template' | 'tuning';
  runtime: 'vllm' | 'transformers';
  /** Short name of the model; empty for a custom pod template. */
  preset: string;
  model: PlannedModel | null;
  /** In Azure's spelling; empty on nodes that the user brings. */
  instanceType: string;
  nodeCount: number;
  gpusPerNode: number;
  gpuModel: string;
  /** The size has local NVMe disks that can hold the weights. */
  nvme: boolean;
  /** Set when the workload runs on one MIG slice. */
  migProfile: string | null;
  /** Nodes are the user's own. */
  broughtNodes: boolean;
  /** OS disk of the nodes, which also holds downloaded weights. */
  diskGiB: number;
  tensorParallel: number;
  pipelineParallel: number;
  dataParallel: number;
  /** vLLM's `--dtype`, or what tuning computes in; empty where neither runs. */
  dtype: string;
  contextTokens: number;
  readinessTimeoutSeconds: number;
  /** The post-load benchmark runs as startup probe. */
  benchmark: boolean;
  estimate: PlannedEstimate | null;
  /** Directory for tuning results; empty otherwise. */
  outputDirectory: string;
  warnings: string[];
}

export interface PlanContext {
  /** Text of the key `inference_config.yaml` of the ConfigMap in `inference.config`; null when there is no such ConfigMap or key. */
  inferenceConfig?: string | null;
  /** Text of the key `training_config.yaml` of the ConfigMap in `tuning.config`; null as above. */
  trainingConfig?: string | null;
  /** Facts of a model outside the catalogue, read from the Hub. */
  model?: ModelFacts;
  /** The commit they were read at. */
  modelRevision?: string;
  /** `byo`: plan for the nodes given instead of an instance type. */
  provisioning?: 'auto' | 'byo';
  nodes?: readonly NodeFacts[];
  /** KAITO's feature gate vLLM; on unless given. */
  gates?: { vllm?: boolean };
}

/** `needs`: a Hugging Face id whose facts must be read from the Hub and passed in before planning can succeed. */
export type PlanResult = { ok: true; plan: Plan } | { ok: false; faults: Fault[]; needs?: string };
