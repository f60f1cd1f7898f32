import { it } from 'node:test';
import { assertDeletedOnce, assertMadeOnce, untilNothingIsLeft, untilReady } from './support/expectations.ts';
import { requestCreation, requestDeletion, wantedWorkspaces } from './support/requests.ts';
import { untilServing } from './support/slipway.ts';
import type { Slipway } from './support/slipway.ts';
import { withSlipway } from './support/with-slipway.ts';
import { startSpareHost, switchedOff } from './support/spare-host.ts';

const http = [
  'createWorkspace',
  'deleteWorkspace',
  'getWorkspace',
  'healthz',
  'listWorkspaces',
  'putWorkspace',
  'listRejected',
  'workspaceEvents',
];
const queues = ['workspaceCreated', 'workspaceDeleted', 'nodeProvisioned', 'workloadReady'];

it('works the same with HTTP, queue and durable functions in host processes of their own', (test) =>
  withSlipway(
    async (durable) => {
      const doors = await startSpareHost(durable, 'http-host', http);
      test.after(() => doors.program.child.kill());
      const receivers = await startSpareHost(durable, 'queue-host', queues);
      test.after(() => receivers.program.child.kill());
      const endpoints = { ...durable.platform.endpoints, functionsUrl: doors.url };
      const slipway: Slipway = { ...durable, platform: withEndpoints(durable.platform, endpoints) };
      await untilServing(slipway.platform);

      const wanted = wantedWorkspaces(4);
      const names = wanted.map(({ name }) => name);
      for (const one of wanted) await requestCreation(slipway, one);
      await untilReady(slipway, names);
      await assertMadeOnce(slipway, names);
      for (const one of wanted) await requestDeletion(slipway, one);
      await untilNothingIsLeft(slipway);
      await assertDeletedOnce(slipway);
    },
    { unserved: true, settings: switchedOff([...http, ...queues]) },
  ));

function withEndpoints(
  platform: Slipway['platform'],
  endpoints: Slipway['platform']['endpoints'],
): Slipway['platform'] {
  return {
    endpoints,
    clock: platform.clock,
    kill: (name, signal) => platform.kill(name, signal),
    restarted: (name) => platform.restarted(name),
    stop: () => platform.stop(),
  };
}
