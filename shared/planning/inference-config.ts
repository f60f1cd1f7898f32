import { parse } from 'yaml';
import { parseDocument } from '../workspace/parse.ts';
import { CauseReason, shown, type Fault } from '../workspace/fault.ts';
import { isJsonObject, type JsonObject } from '../workspace/schema/structural-schema.ts';

/** What the user's `inference_config.yaml` says to planning. */
export interface InferenceConfig {
  /** Any vLLM argument; these come after Slipway's own flags and win. */
  vllm: Record<string, string>;
  /** `max-model-len` when it is a positive integer. */
  contextTokens?: number;
}

export type ReadConfig = { ok: true; config: InferenceConfig } | { ok: false; faults: Fault[] };

const field = 'inference.config';
const contextKey = 'max-model-len';

/**
 * Reads the text as YAML into `{vllm: map of scalars}`; other top-level keys are for the serving image. Rules M4 to M6.
 * @param contextLimit the model's limit in tokens; 0 when unknown or without a preset
 */
export function readInferenceConfig(text: string, contextLimit: number): ReadConfig {
  if (text.trim() === '') return { ok: true, config: { vllm: {} } };
  const parsed = parseDocument(text, 'application/yaml');
  // A text of nothing but comments says nothing, which is no fault.
  if (!parsed.ok && parsed.faults.every(({ reason }) => reason === CauseReason.Required))
    return { ok: true, config: { vllm: {} } };
  if (!parsed.ok) return { ok: false, faults: parsed.faults.map((fault) => unreadable(fault.message)) };
  if (!isJsonObject(parsed.value))
    return { ok: false, faults: [unreadable('it must be a map with the key vllm')] };
  const section = parsed.value['vllm'] ?? {};
  if (!isJsonObject(section)) return { ok: false, faults: [unreadable('the key vllm must hold a map')] };
  const written = asWritten(text);
  const vllm: Record<string, string> = {};
  for (const [key, value] of Object.entries(section)) {
    if (typeof value === 'object' && value !== null)
      return { ok: false, faults: [unreadable(`vllm.${key} must be a scalar`)] };
    vllm[key] = scalarText(value, written[key]);
  }
  return withContext(vllm, contextLimit);
}

/** The section `vllm` of a text known to be sound, its scalars as they are written: `4096.0` and `0x1000` are no integers to vLLM. */
function asWritten(text: string): JsonObject {
  const root: unknown = parse(text, { schema: 'failsafe', merge: true, logLevel: 'silent' });
  const section = isJsonObject(root) ? root['vllm'] : undefined;
  return isJsonObject(section) ? section : {};
}

function scalarText(value: unknown, written: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return typeof written === 'string' ? written : String(value);
  return typeof value === 'boolean' ? String(value) : '';
}

function withContext(vllm: Record<string, string>, contextLimit: number): ReadConfig {
  const given = (vllm[contextKey] ?? '').trim();
  if (given === '') return { ok: true, config: { vllm } };
  const at = `${field}[inference_config.yaml].vllm.${contextKey}`;
  if (!/^[+-]?\d+$/.test(given)) {
    if (contextLimit <= 0) return { ok: true, config: { vllm } };
    const message = `max-model-len must be an integer, not ${shown(given)}`;
    return {
      ok: false,
      faults: [
        { field: at, reason: CauseReason.Invalid, message, remedy: `write a number up to ${contextLimit}` },
      ],
    };
  }
  const tokens = Number(given);
  if (contextLimit > 0 && tokens > contextLimit) {
    const message = `max-model-len ${given} exceeds model's maximum supported context window ${contextLimit}`;
    return {
      ok: false,
      faults: [{ field: at, reason: CauseReason.Invalid, message, remedy: `write ${contextLimit} or less` }],
    };
  }
  return { ok: true, config: tokens > 0 ? { vllm, contextTokens: tokens } : { vllm } };
}

function unreadable(cause: string): Fault {
  return {
    field: `${field}[inference_config.yaml]`,
    reason: CauseReason.Invalid,
    message: `Failed to parse inference_config.yaml: ${cause}`,
    remedy: 'write a map vllm: with one scalar for each vLLM argument',
  };
}
