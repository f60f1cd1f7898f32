import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import type { StoreChange } from '../../../infra/local/kubernetes/contract.ts';
import { createKubernetesApi } from '../../../infra/local/kubernetes/server.ts';
import { ApiError } from '../../../infra/local/kubernetes/status.ts';
import { configMap, deployment, pod, resource } from './support/manifests.ts';

function open() {
  const clock = new SteppedClock();
  const api = createKubernetesApi({ clock, file: ':memory:', clusterName: 'store' });
  return { api, clock, store: api.store };
}

describe('the store that in-process controllers use', () => {
  it('hands out objects nobody can change behind its back', () => {
    const { api, store } = open();
    const created = store.create(configMap('frozen'));
    assert.throws(() => Object.assign(created.metadata, { uid: 'other' }), TypeError);
    api.close();
  });

  it('a mutation that changes nothing keeps the version; one of an absent object is undefined', () => {
    const { api, store } = open();
    const created = store.create(pod('quiet'));
    const key = { namespace: 'default', name: 'quiet' };
    assert.equal(
      store.mutate(resource.pods, key, () => undefined)?.metadata.resourceVersion,
      created.metadata.resourceVersion,
    );
    assert.equal(
      store.mutate(resource.pods, { namespace: 'default', name: 'absent' }, () => undefined),
      undefined,
    );
    api.close();
  });

  it('status and main writes keep out of each other', () => {
    const { api, store } = open();
    store.create({ ...deployment('split'), metadata: { name: 'split', namespace: 'default' } });
    const key = { namespace: 'default', name: 'split' };
    const reported = store.mutateStatus(resource.deployments, key, (object) => {
      object['status'] = { replicas: 1 };
      object['spec'] = {};
    });
    assert.deepEqual(reported?.['status'], { replicas: 1 });
    assert.equal(reported.metadata.generation, 1);
    const changed = store.mutate(resource.deployments, key, (object) => {
      object['status'] = { replicas: 9 };
    });
    assert.equal(changed?.metadata.resourceVersion, reported.metadata.resourceVersion);
    api.close();
  });

  it('a node may be born with its status, as a kubelet registers it', () => {
    const { api, store } = open();
    const node = store.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      status: { phase: 'Running' },
    });
    assert.deepEqual(node['status'], { phase: 'Running' });
    api.close();
  });

  it('refuses what the API server would refuse, with its Status', () => {
    const { api, store } = open();
    store.create(configMap('once'));
    assert.throws(
      () => store.create(configMap('once')),
      (error) => error instanceof ApiError && error.code === 409,
    );
    assert.throws(
      () => store.create({ ...pod('bad'), spec: {} }),
      (error) => error instanceof ApiError && error.code === 422,
    );
    assert.throws(
      () => store.remove(resource.configMaps, { namespace: 'default', name: 'once' }, { uid: 'other' }),
      /UID in the precondition/,
    );
    store.remove(resource.configMaps, { namespace: 'default', name: 'never-was' });
    api.close();
  });

  it('subscribers hear every change in order, those made while hearing included', () => {
    const { api, store } = open();
    const heard: string[] = [];
    const describeChange = ({ type, object }: StoreChange): string => `${type} ${object.metadata.name}`;
    store.subscribe((change) => {
      if (change.type === 'ADDED' && change.object.metadata.name === 'one') store.create(configMap('two'));
    });
    const stop = store.subscribe((change) => heard.push(describeChange(change)));
    store.create(configMap('one'));
    assert.deepEqual(heard, ['ADDED one', 'ADDED two']);
    stop();
    store.create(configMap('three'));
    assert.equal(heard.length, 2);
    api.close();
  });

  it('the changes since any moment rebuild the list, whatever was done', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      fc.record({ act: fc.constant('create' as const), name }),
      fc.record({ act: fc.constant('change' as const), name, colour: fc.constantFrom('red', 'blue') }),
      fc.record({ act: fc.constant('remove' as const), name }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { api, store } = open();
        const rebuilt = new Map<string, unknown>();
        let version = 0;
        store.subscribe(({ type, object }) => {
          assert.ok(Number(object.metadata.resourceVersion) > version, 'versions rise');
          version = Number(object.metadata.resourceVersion);
          if (type === 'DELETED') rebuilt.delete(object.metadata.name);
          else rebuilt.set(object.metadata.name, object);
        });
        for (const one of steps) {
          const key = { namespace: 'default', name: one.name };
          if (one.act === 'remove') store.remove(resource.configMaps, key);
          else if (one.act === 'change')
            store.mutate(
              resource.configMaps,
              key,
              (object) => void (object['data'] = { colour: one.colour }),
            );
          else if (store.get(resource.configMaps, key) === undefined) store.create(configMap(one.name));
        }
        const listed = new Map(
          store.list(resource.configMaps).map((object) => [object.metadata.name, object]),
        );
        assert.deepEqual(new Map([...rebuilt].sort()), new Map([...listed].sort()));
        api.close();
      }),
      { numRuns: 40 },
    );
  });
});
