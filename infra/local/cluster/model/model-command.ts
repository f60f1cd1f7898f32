import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Container } from '../objects/pod.ts';
import type { Timings } from '../timings.ts';

/** What a container's command says about the model it serves. */
export interface ModelCommand {
  /** Model id or path as given, lower case. */
  model: string;
  servedName: string;
  port: number;
  /** Pods of a pipeline that share the weights. */
  pipelineParallel: number;
  /** A Ray worker of a multi-node deployment: serves nothing itself. */
  worker: boolean;
  engine: 'vllm' | 'transformers';
}

const weights = z
  .record(z.string(), z.number())
  .parse(parse(readFileSync(new URL('./weights.yaml', import.meta.url), 'utf8')));

const serverPattern = /inference_api\.py|vllm serve|vllm\.entrypoints/;

/** Reads the flags of a model server's command; undefined for a container that serves no model. */
export function readModelCommand(
  container: Container,
  podIndex: string | undefined,
): ModelCommand | undefined {
  const text = [...container.command, ...container.args].join(' ');
  if (!serverPattern.test(text)) return undefined;
  const model = (
    flag(text, 'model') ??
    flag(text, 'pretrained_model_name_or_path') ??
    positional(text) ??
    'stand-in'
  ).toLowerCase();
  return {
    model,
    servedName: flag(text, 'served[-_]model[-_]name') ?? model.split('/').at(-1) ?? model,
    port: Number(flag(text, 'port') ?? container.ports[0]?.containerPort ?? 5000),
    pipelineParallel: Number(flag(text, 'pipeline-parallel-size') ?? 1),
    worker: text.includes('multi-node-serving.sh worker') && podIndex !== undefined && podIndex !== '0',
    engine: text.includes('/tfs/') || text.includes('accelerate launch') ? 'transformers' : 'vllm',
  };
}

/** The value of `--name=value` or `--name value`, without quotes. */
function flag(text: string, name: string): string | undefined {
  const value = new RegExp(`--${name}[= ]("[^"]*"|'[^']*'|[^\\s;]+)`).exec(text)?.[1];
  return value?.replace(/^["']|["']$/g, '');
}

function positional(text: string): string | undefined {
  return /vllm serve\s+([^\s-][^\s]*)/.exec(text)?.[1];
}

/** Seconds from process start until the model answers: engine, download (unless the weights are local) and load to the GPU. */
export function modelLoadSeconds(command: ModelCommand, timings: Timings['model']): number {
  if (command.worker) return 0;
  const gigabytes = weightsGiB(command.model, timings);
  const download = command.model.startsWith('/') ? 0 : gigabytes * timings.downloadPerGiB;
  return (
    timings.engineStart + download + (gigabytes * timings.loadPerGiB) / Math.max(1, command.pipelineParallel)
  );
}

/** Weights in GiB: published size, else 2 bytes for each of the billions in the name, else the default. */
export function weightsGiB(model: string, timings: Timings['model']): number {
  const known = weights[model];
  if (known !== undefined) return known;
  const billions = /(?:^|[-_.])(\d+(?:\.\d+)?)b(?:[-_.]|$)/.exec(model)?.[1];
  return billions === undefined ? timings.defaultWeightsGiB : Number(billions) * timings.weightsGiBPerBillion;
}
