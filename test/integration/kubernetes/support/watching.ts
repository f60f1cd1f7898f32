import { setTimeout as sleep } from 'node:timers/promises';
import { Watch, type KubeConfig } from '@kubernetes/client-node';
import { isObject, stringAt, type JsonObject } from '../../../../infra/local/kubernetes/json.ts';

export interface Seen {
  phase: string;
  object: JsonObject;
}

/** A watch by the real client, with what it saw and how it ended. */
export interface Watching {
  seen: Seen[];
  /** `MODIFIED web` for each event so far. */
  lines(): string[];
  ended: Promise<unknown>;
  stop(): void;
}

export async function startWatch(
  kubeConfig: KubeConfig,
  path: string,
  query: Record<string, string | boolean | number> = {},
): Promise<Watching> {
  const seen: Seen[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
  const controller = await new Watch(kubeConfig).watch(
    path,
    query,
    (phase, object: unknown) => seen.push({ phase, object: isObject(object) ? object : {} }),
    end,
  );
  return {
    seen,
    lines: () =>
      seen.map(({ phase, object }) => `${phase} ${stringAt(object, 'metadata', 'name') ?? ''}`.trim()),
    ended,
    stop: () => controller.abort(),
  };
}

/** Waits until `condition` holds; the ceiling is for a machine under load, not a measure. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error(`never happened: ${what}`);
}
