import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { workspaceDocument } from '../faults/kill/support/requests.ts';
import { ask, azureState, callCounts, operationsByPool } from '../faults/kill/support/simulated-azure.ts';
import { withServiceBus } from '../faults/kill/support/service-bus.ts';
import { startSlipway } from '../faults/kill/support/slipway.ts';
import type { Slipway } from '../faults/kill/support/slipway.ts';
import { until } from '../faults/kill/support/until.ts';
import { z } from 'zod';
import type { Figure } from './figure.ts';
import { residentMemory } from './memory.ts';

const count = 200;
/** Slow enough for the processes of one machine to keep up: a tick of 30 s is 1.5 s of work. */
const speed = 20;
const readyWithinSeconds = 900;

const records = z.object({
  items: z.array(
    z.object({
      status: z
        .object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) })
        .prefault({}),
    }),
  ),
});

/** 200 messages in one go, over three clusters, until all are Ready. */
export async function measureAtOnce(): Promise<Figure[]> {
  const slipway = await startSlipway({
    speed,
    programs: { azure: fileURLToPath(new URL('three-clusters.ts', import.meta.url)) },
  });
  try {
    const { platform } = slipway;
    const began = performance.now();
    const virtualBegan = platform.clock.now();
    await sendAll(slipway);
    await until(
      'all are Ready',
      async () => {
        const ready = await countReady(slipway);
        return ready === count ? undefined : `${ready} of ${count} are Ready`;
      },
      readyWithinSeconds,
    );
    const seconds = (performance.now() - began) / 1000;
    const virtualMinutes = (platform.clock.now() - virtualBegan) / 60_000;
    const { arm, kubernetes } = await callCounts(platform.endpoints);
    const clusterCalls = Object.values(kubernetes).flatMap((counts) => Object.values(counts));
    const calls = clusterCalls.reduce((sum, each) => sum + each, 0) - ownLists;
    const state = await azureState(platform.endpoints);
    const created = operationsByPool(state, 'createPool');
    return [
      { name: `${count} workspaces at once until Ready (speed ${speed})`, value: seconds, unit: 's' },
      { name: `${count} workspaces at once until Ready, virtual`, value: virtualMinutes, unit: 'min' },
      { name: 'ARM calls per workspace', value: arm.total / count, unit: '' },
      { name: 'Kubernetes calls per workspace', value: calls / count, unit: '' },
      {
        name: 'agent pools beyond one per workspace',
        value: created.size - count,
        unit: '',
        aim: { atMost: 0 },
      },
      {
        name: 'pool creations accepted twice',
        value: [...created.values()].filter((times) => times > 1).length,
        unit: '',
        aim: { atMost: 0 },
      },
      ...residentMemory(platform, `${count} workspaces`),
    ];
  } finally {
    await slipway.end();
  }
}

async function sendAll(slipway: Slipway): Promise<void> {
  const clusters = slipway.platform.endpoints.clusters.map(({ name }) => name);
  const all = Array.from({ length: count }, (_, index) => ({
    body: workspaceDocument(`many-${index}`),
    contentType: 'application/json',
    messageId: randomUUID(),
    sessionId: `many-${index}`,
    applicationProperties: { cluster: clusters[index % clusters.length] ?? '' },
  }));
  await withServiceBus(slipway, async (client) => {
    const sender = client.createSender('workspace-created');
    for (let start = 0; start < count; start += 50) await sender.sendMessages(all.slice(start, start + 50));
  });
}

/** Asked of the clusters themselves, so that watching costs the app nothing. */
async function countReady({ platform: { endpoints } }: Slipway): Promise<number> {
  let ready = 0;
  for (const { kubernetesUrl } of endpoints.clusters) {
    const { items } = records.parse(await ask(endpoints, kubernetesUrl, '/apis/kaito.sh/v1beta1/workspaces'));
    ready += items.filter(({ status }) =>
      status.conditions.some(({ type, status: is }) => type === 'WorkspaceSucceeded' && is === 'True'),
    ).length;
    ownLists += 1;
  }
  return ready;
}

/** Lists by this benchmark, which the simulator counts too. */
let ownLists = 0;
