import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { untilReady } from '../faults/kill/support/expectations.ts';
import { listWorkspaces, requestCreation, workspaceDocument } from '../faults/kill/support/requests.ts';
import { azureState } from '../faults/kill/support/simulated-azure.ts';
import { startSlipway } from '../faults/kill/support/slipway.ts';
import type { Slipway } from '../faults/kill/support/slipway.ts';
import type { Figure } from './figure.ts';
import { percentile } from './figure.ts';
import { residentMemory } from './memory.ts';

const posts = 40;
const messages = 20;

/** Latencies at real speed, on a platform where nothing simulated takes time. */
export async function measureOneAtATime(): Promise<Figure[]> {
  const slipway = await startSlipway({ speed: 1, timingsFile: join(import.meta.dirname, 'no-waits.yaml') });
  try {
    return [
      ...residentMemory(slipway.platform, 'idle'),
      ...(await controlOverhead(slipway)),
      ...(await queueToArm(slipway)),
      ...(await postToAccepted(slipway)),
    ];
  } finally {
    await slipway.end();
  }
}

/** From a POST to Ready, one workspace alone: all of it is ours, as nothing else takes time. */
async function controlOverhead(slipway: Slipway): Promise<Figure[]> {
  const seconds: number[] = [];
  for (let count = 0; count < 3; count += 1) {
    const name = `alone-${count}`;
    const started = performance.now();
    await requestCreation(slipway, { name, door: 'http' });
    await untilReady(slipway, [name], 300);
    seconds.push((performance.now() - started) / 1000);
  }
  return [
    { name: 'POST to Ready without simulated waits, median', value: percentile(seconds, 0.5), unit: 's' },
  ];
}

/** From the send of a message to the accepted creation of its pool, each when the one before is through. */
async function queueToArm(slipway: Slipway): Promise<Figure[]> {
  const sent = new Map<string, number>();
  for (let count = 0; count < messages; count += 1) {
    const name = `queued-${count}`;
    sent.set(name, Date.now());
    await requestCreation(slipway, { name, door: 'queue' });
    await pause(1500 + 70 * count);
  }
  await untilReady(slipway, [...sent.keys()], 300);
  const { operations } = await azureState(slipway.platform.endpoints);
  const seconds = (await listWorkspaces(slipway)).flatMap(({ metadata, status }) => {
    const began = sent.get(metadata.name);
    const pool = status.slipway?.allocations[0]?.pool;
    const made = operations.find((one) => one.verb === 'createPool' && one.pool === pool);
    return began === undefined || made === undefined ? [] : [(made.startTime - began) / 1000];
  });
  return [
    { name: 'queue message to first ARM call, p50', value: percentile(seconds, 0.5), unit: 's' },
    {
      name: 'queue message to first ARM call, p95',
      value: percentile(seconds, 0.95),
      unit: 's',
      aim: { atMost: 2 },
    },
  ];
}

/** New workspaces, one POST after the other, while those before are worked on. */
async function postToAccepted({ platform }: Slipway): Promise<Figure[]> {
  const milliseconds: number[] = [];
  for (let count = 0; count < posts; count += 1) {
    const started = performance.now();
    const response = await fetch(`${platform.endpoints.functionsUrl}/api/workspaces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(workspaceDocument(`posted-${count}`)),
    });
    await response.arrayBuffer();
    if (response.status !== 202) throw new Error(`POST answered ${response.status}`);
    milliseconds.push(performance.now() - started);
    await pause(100);
  }
  return [
    { name: 'POST to 202, p50', value: percentile(milliseconds, 0.5), unit: 'ms' },
    { name: 'POST to 202, p95', value: percentile(milliseconds, 0.95), unit: 'ms', aim: { atMost: 100 } },
  ];
}
