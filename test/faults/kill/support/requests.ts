import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { withServiceBus } from './service-bus.ts';
import type { Slipway } from './slipway.ts';

/** How a request comes in. */
export type Door = 'queue' | 'http';

export interface Wanted {
  name: string;
  door: Door;
}

/** Real time in which a request must be accepted, however often what would take it is killed. */
const acceptedWithinMilliseconds = 60_000;

/** `count` workspaces, half by queue and half by HTTP. */
export function wantedWorkspaces(count: number): Wanted[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `phi-${index}`,
    door: index % 2 === 0 ? 'queue' : 'http',
  }));
}

/** One phi-3-mini on one A100, the smallest workspace of the quick start. */
export function workspaceDocument(name: string, annotations: Record<string, string> = {}): unknown {
  return {
    apiVersion: 'kaito.sh/v1beta1',
    kind: 'Workspace',
    metadata: { name, namespace: 'default', annotations },
    resource: {
      instanceType: 'Standard_NC24ads_A100_v4',
      labelSelector: { matchLabels: { apps: name } },
    },
    inference: { preset: { name: 'phi-3-mini-4k-instruct' } },
  };
}

export async function requestCreation(slipway: Slipway, { name, door }: Wanted): Promise<void> {
  const document = workspaceDocument(name);
  if (door === 'queue') await sendRequest(slipway, 'workspace-created', name, document);
  else await callApi(slipway, { method: 'POST', path: '', body: document, expected: [202] });
}

export async function requestDeletion(slipway: Slipway, { name, door }: Wanted): Promise<void> {
  if (door === 'queue') await sendRequest(slipway, 'workspace-deleted', name, workspaceDocument(name));
  // 404: an earlier try was carried out and its answer lost.
  else await callApi(slipway, { method: 'DELETE', path: `/default/${name}`, expected: [202, 404] });
}

/** The same message is sent until the broker has taken it; one that it took without a word is then its duplicate. */
async function sendRequest(slipway: Slipway, queue: string, name: string, body: unknown): Promise<void> {
  const message = { body, contentType: 'application/json', sessionId: name, messageId: randomUUID() };
  const deadline = performance.now() + acceptedWithinMilliseconds;
  for (;;) {
    try {
      await withServiceBus(slipway, (client) => client.createSender(queue).sendMessages(message));
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(100);
    }
  }
}

export interface ApiCall {
  method: string;
  /** Below `/api/workspaces`. */
  path: string;
  body?: unknown;
}

/** Carries a call out until it is answered, and throws when the answer is none of the expected. */
export async function callApi(slipway: Slipway, call: ApiCall & { expected: number[] }): Promise<unknown> {
  const { status, body } = await answerOf(slipway, call);
  if (call.expected.includes(status)) return body;
  throw new Error(`${call.method} ${call.path}: ${status} ${JSON.stringify(body)}`);
}

/** As a client does who wants it done: no answer, or one that asks to come back, is answered by asking again. */
export async function answerOf(slipway: Slipway, call: ApiCall): Promise<{ status: number; body: unknown }> {
  const url = `${slipway.platform.endpoints.functionsUrl}/api/workspaces${call.path}`;
  const deadline = performance.now() + acceptedWithinMilliseconds;
  for (;;) {
    const { status, body } = await attempt(url, call);
    if (status !== undefined && status < 500) return { status, body };
    if (performance.now() > deadline)
      throw new Error(`${call.method} ${url}: ${status ?? 'no answer'} ${JSON.stringify(body)}`);
    await pause(100);
  }
}

async function attempt(url: string, { method, body }: ApiCall): Promise<{ status?: number; body?: unknown }> {
  try {
    const response = await fetch(url, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  } catch {
    // The host was killed before or while it answered.
    return {};
  }
}

const listSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), uid: z.string(), deletionTimestamp: z.string().optional() }),
      status: z
        .object({
          state: z.string().default(''),
          conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
          slipway: z
            .object({
              phase: z.string(),
              generation: z.number(),
              replacements: z.number(),
              allocations: z.array(z.object({ pool: z.string(), wish: z.string() })),
              failure: z.object({ code: z.string(), message: z.string() }).nullable(),
              waitingFor: z.object({ what: z.string(), since: z.string() }).nullable(),
            })
            .optional(),
        })
        .prefault({}),
    }),
  ),
});
export type ListedWorkspace = z.output<typeof listSchema>['items'][number];

/** Every workspace, as the API shows it. */
export async function listWorkspaces(slipway: Slipway): Promise<ListedWorkspace[]> {
  return listSchema.parse(await callApi(slipway, { method: 'GET', path: '?limit=500', expected: [200] }))
    .items;
}
