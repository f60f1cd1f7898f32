import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { describe, it } from 'node:test';
import { chat } from '../../../infra/local/platform/demo/chat.ts';
import { ourObjects, userPools } from '../../../infra/local/platform/demo/leftovers.ts';
import { Refused, SlipwayApi } from '../../../infra/local/platform/demo/slipway-api.ts';
import { answering, azure, listening } from './doubles.ts';
import type { Answers } from './doubles.ts';

const pool = (name: string, mode: string): unknown => ({
  name,
  properties: { mode, vmSize: 'Standard_NC24ads_A100_v4', provisioningState: 'Succeeded' },
});
const service = '/api/v1/namespaces/default/services/w:80/proxy';

describe('what the demo asks of Azure and of the cluster', () => {
  it('counts as left over every pool but the system pool of the cluster', async (test) => {
    const value = [pool('systempool', 'System'), pool('ws1234', 'User')];
    const endpoints = await azure(test, { '/clusters/demo/agentPools': { body: { value } } });
    assert.deepEqual(await userPools(endpoints), ['agent pool ws1234 (Standard_NC24ads_A100_v4, Succeeded)']);
  });

  it('counts objects with our label, and does not take a refused list for an empty one', async (test) => {
    const none = { body: { items: [] } };
    const core = '/api/v1/namespaces/default';
    const answers: Answers = {
      '/apis/apps/v1/namespaces/default/statefulsets': { body: { items: [{ metadata: { name: 'w' } }] } },
      '/apis/apps/v1/namespaces/default/controllerrevisions': none,
      '/apis/batch/v1/namespaces/default/jobs': none,
      [`${core}/services`]: none,
      [`${core}/configmaps`]: none,
      [`${core}/pods`]: { body: { items: [{ metadata: { name: 'w-0' } }] } },
      [`${core}/persistentvolumeclaims`]: none,
      '/apis/kaito.sh/v1beta1/namespaces/default/workspaces': none,
    };
    const seen: string[] = [];
    const endpoints = await azure(test, answers, seen);
    assert.deepEqual(await ourObjects(endpoints), ['statefulsets/w', 'pods/w-0']);
    assert.ok(seen.every((each) => each.endsWith('Bearer development')));
    assert.ok(seen.some((each) => each.includes('labelSelector=app.kubernetes.io%2Fmanaged-by%3Dslipway')));
    answers[`${core}/pods`] = { status: 403, body: {} };
    await assert.rejects(ourObjects(endpoints), /403 to GET .*pods/);
  });

  it('asks the model by the name it is served under', async (test) => {
    const endpoints = await azure(test, {
      [`${service}/v1/models`]: { body: { data: [{ id: 'phi-3' }] } },
      [`${service}/v1/chat/completions`]: {
        body: { choices: [{ message: { content: 'Ships slide down it.' } }] },
      },
    });
    assert.deepEqual(await chat(endpoints, 'w', 'What?'), { model: 'phi-3', answer: 'Ships slide down it.' });
  });

  it('says which address did not answer as it should', async (test) => {
    const endpoints = await azure(test, {
      [`${service}/v1/models`]: { status: 503, body: { message: 'no endpoints' } },
    });
    await assert.rejects(chat(endpoints, 'w', 'What?'), /v1\/models answered 503: .*no endpoints/);
  });
});

describe('what the demo asks of the app', () => {
  it('tells a refusal with each faulty field', async (test) => {
    const body = {
      message: 'Workspace "w" is invalid',
      details: { causes: [{ field: 'resource.instanceType', message: 'unknown size' }] },
    };
    const port = await listening(
      test,
      createHttpServer(answering({ '/api/workspaces': { status: 422, body } })),
    );
    await assert.rejects(new SlipwayApi(`http://127.0.0.1:${port}`).create('kind: Workspace'), (error) => {
      assert.ok(error instanceof Refused);
      assert.equal(error.status, 422);
      assert.match(error.message, /is invalid\n {2}resource\.instanceType: unknown size$/);
      return true;
    });
  });

  it('takes 404 for a workspace that is gone, and other faults for faults', async (test) => {
    const broken = { status: 503, body: { message: 'cluster unreachable' } };
    const answers: Answers = { '/api/workspaces/default/broken': broken };
    const api = new SlipwayApi(
      `http://127.0.0.1:${await listening(test, createHttpServer(answering(answers)))}`,
    );
    assert.equal(await api.get('gone'), undefined);
    assert.deepEqual(await api.trail('gone'), []);
    await assert.rejects(api.get('broken'), /503: cluster unreachable/);
  });
});
