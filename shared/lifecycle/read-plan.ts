import type { Plan, PlannedEstimate, PlannedModel } from '../planning/plan.ts';
import { isCount, isText } from './stored-fields.ts';
import { isRecord } from '../workspace/json-object.ts';

/** Reads a stored plan; null when it is not a whole one. An API server may drop nulls: a plan knows its own. */
export function readPlan(value: unknown): Plan | null {
  if (!isRecord(value)) return null;
  const { model = null, migProfile = null, estimate = null } = value;
  const plan: Record<string, unknown> = { ...value, model, migProfile, estimate };
  return isPlan(plan) ? plan : null;
}

type Kind = (value: unknown) => boolean;

const isFlag: Kind = (value) => typeof value === 'boolean';
const isTexts: Kind = (value) => Array.isArray(value) && value.every(isText);

const planFields: Record<keyof Plan, Kind> = {
  workload: (value) => value === 'inference' || value === 'template' || value === 'tuning',
  runtime: (value) => value === 'vllm' || value === 'transformers',
  preset: isText,
  model: (value) => value === null || has(value, modelFields),
  instanceType: isText,
  nodeCount: isCount,
  gpusPerNode: isCount,
  gpuModel: isText,
  nvme: isFlag,
  migProfile: (value) => value === null || isText(value),
  broughtNodes: isFlag,
  diskGiB: isCount,
  tensorParallel: isCount,
  pipelineParallel: isCount,
  dataParallel: isCount,
  dtype: isText,
  contextTokens: isCount,
  readinessTimeoutSeconds: isCount,
  benchmark: isFlag,
  estimate: (value) => value === null || has(value, estimateFields),
  outputDirectory: isText,
  warnings: isTexts,
};

const modelFields: Record<keyof PlannedModel, Kind> = {
  id: isText,
  shortName: isText,
  weights: isText,
  architectures: isTexts,
  flags: (value) => isRecord(value) && Object.values(value).every(isText),
  revision: (value) => value === undefined || isText(value),
};

const isNumber: Kind = (value) => typeof value === 'number';

const estimateFields: Record<keyof PlannedEstimate, Kind> = {
  weightsOnAllGpusGiB: isNumber,
  gpuMemoryGiB: isNumber,
  budgetGiB: isNumber,
  overheadGiB: isNumber,
  cacheGiB: isNumber,
  roomGiB: isNumber,
  minimumGpus: isNumber,
};

function isPlan(value: unknown): value is Plan {
  return has(value, planFields);
}

function has(value: unknown, fields: Readonly<Record<string, Kind>>): boolean {
  return isRecord(value) && Object.entries(fields).every(([name, is]) => is(value[name]));
}
