import assert from 'node:assert/strict';
import { z } from 'zod';
import { Queue } from '../../../../shared/events/event-types.ts';
import { callApi, listWorkspaces } from './requests.ts';
import type { ListedWorkspace } from './requests.ts';
import { leftObjects, objectsOf } from './cluster-objects.ts';
import { azureState, operationsByPool } from './simulated-azure.ts';
import { withServiceBus } from './service-bus.ts';
import type { Slipway } from './slipway.ts';
import { until } from './until.ts';

export function isReady({ status }: ListedWorkspace): boolean {
  return status.conditions.some(({ type, status: is }) => type === 'WorkspaceSucceeded' && is === 'True');
}

/** Waits until each of `names` is there and Ready. */
export async function untilReady(
  slipway: Slipway,
  names: readonly string[],
  withinSeconds?: number,
): Promise<void> {
  const look = async (): Promise<string | undefined> => {
    const listed = await listWorkspaces(slipway);
    const missing = names.filter((name) => !listed.some((one) => one.metadata.name === name && isReady(one)));
    return missing.length === 0 ? undefined : describe(missing, listed);
  };
  await until('all workspaces are Ready', look, withinSeconds);
}

function describe(missing: readonly string[], listed: readonly ListedWorkspace[]): string {
  return missing
    .map((name) => {
      const slipway = listed.find(({ metadata }) => metadata.name === name)?.status.slipway;
      return `${name} ${slipway?.phase ?? 'unseen'} ${slipway?.waitingFor?.what ?? ''} ${slipway?.failure?.code ?? ''}`.trim();
    })
    .join('; ');
}

const trail = z.object({
  items: z.array(z.object({ time: z.string(), what: z.string(), why: z.string() })),
});

/**
 * Each workspace has had exactly one pool and one workload made for it, ever: one accepted creation, one node, one
 * StatefulSet of its first generation, one plan, no replacement. `names` must be all that there is.
 */
export async function assertMadeOnce(slipway: Slipway, names: readonly string[]): Promise<void> {
  const { endpoints } = slipway.platform;
  const workspaces = await listWorkspaces(slipway);
  assert.deepEqual(workspaces.map(({ metadata }) => metadata.name).sort(), [...names].sort());
  const azure = await azureState(endpoints);
  const created = operationsByPool(azure, 'createPool');
  assert.deepEqual(
    [...created].filter(([, times]) => times !== 1),
    [],
    'pools whose creation was accepted more than once',
  );
  assert.equal(created.size, names.length, 'pools ever created');
  assert.equal(operationsByPool(azure, 'deletePool').size, 0, 'pools ever deleted');
  for (const { metadata, status } of workspaces) {
    const pools = azure.pools.filter(
      ({ properties }) => properties.tags?.['slipway-workspace-uid'] === metadata.uid,
    );
    assert.deepEqual(
      pools.map(({ name, provisioningState, machines }) => [name, provisioningState, machines.length]),
      [[status.slipway?.allocations[0]?.pool, 'Succeeded', 1]],
      `pools of ${metadata.name}`,
    );
    assert.equal(status.slipway?.allocations.length, 1, `allocations of ${metadata.name}`);
    assert.deepEqual([status.slipway.generation, status.slipway.replacements], [1, 0], metadata.name);
    const story = trail.parse(
      await callApi(slipway, { method: 'GET', path: `/default/${metadata.name}/events`, expected: [200] }),
    );
    // Not WorkloadApplied: applying again what is there already is allowed, and the sets below show that it changes nothing.
    const plans = story.items.filter(({ what }) => what === 'Planned').length;
    assert.equal(plans, 1, `plans of ${metadata.name}: ${JSON.stringify(story.items, null, 1)}`);
  }
  const sets = await objectsOf(endpoints, 'statefulsets');
  assert.deepEqual(
    sets.map(({ metadata }) => [metadata.name, metadata.generation]).sort(),
    [...names].sort().map((name) => [name, 1]),
    'StatefulSets and how often their spec was written',
  );
  assert.equal((await objectsOf(endpoints, 'pods')).length, names.length, 'pods');
  await assertNoMessageRefused(slipway);
}

/** Waits until nothing of any workspace is left, in the record, in the cluster and in Azure. */
export async function untilNothingIsLeft(slipway: Slipway, withinSeconds?: number): Promise<void> {
  const { endpoints } = slipway.platform;
  const look = async (): Promise<string | undefined> => {
    const listed = await listWorkspaces(slipway);
    const left =
      listed.length > 0
        ? listed.map(({ metadata }) => metadata.name)
        : [
            ...(await azureState(endpoints)).pools.map(({ name }) => `pool ${name}`),
            ...(await leftObjects(endpoints)),
          ];
    return left.length === 0 ? undefined : left.join(', ');
  };
  await until('nothing is left', look, withinSeconds);
}

/** Every pool that was ever made was deleted, each once. */
export async function assertDeletedOnce(slipway: Slipway): Promise<void> {
  const azure = await azureState(slipway.platform.endpoints);
  assert.deepEqual(azure.pools, []);
  const [created, deleted] = [operationsByPool(azure, 'createPool'), operationsByPool(azure, 'deletePool')];
  assert.deepEqual([...deleted.keys()].sort(), [...created.keys()].sort(), 'pools ever made, and deleted');
  assert.deepEqual(
    [...deleted.values()].filter((times) => times !== 1),
    [],
    'deletions of a pool',
  );
  await assertNoMessageRefused(slipway);
}

/** No message was given up: neither refused by the app nor dead-lettered by the broker. */
export async function assertNoMessageRefused(slipway: Slipway): Promise<void> {
  await withServiceBus(slipway, async (client) => {
    for (const queue of Object.values(Queue)) {
      const dead = await client.createReceiver(queue, { subQueueType: 'deadLetter' }).peekMessages(10);
      const told = dead.map(({ body, deadLetterReason }): unknown[] => [deadLetterReason, body]);
      assert.deepEqual(told, [], `${queue}: dead letters`);
    }
    const rejected = await client.createReceiver(Queue.workspaceRejected).peekMessages(10);
    const told = rejected.map(({ applicationProperties }) => applicationProperties);
    assert.deepEqual(told, [], 'rejected messages');
  });
}
