import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { once } from 'node:events';
import type { FaultRulesInput } from '../../infra/local/azure/fault-rules.ts';
import type { Endpoints } from '../../infra/local/platform/endpoints.ts';

/** What goes wrong now and then, each a few times only: the end must be as if it had not. */
export const faultMenu: Readonly<Record<string, FaultRulesInput>> = {
  'ARM throttles': {
    http: [
      {
        match: { operation: 'AgentPools_*' },
        times: 3,
        action: { type: 'status', status: 429, retryAfterSeconds: 20 },
      },
    ],
  },
  'ARM answers 500': {
    http: [{ match: { operation: 'AgentPools_*' }, times: 3, action: { type: 'status', status: 500 } }],
  },
  'ARM connections break': { http: [{ match: {}, times: 3, action: { type: 'reset' } }] },
  'answers to pool writes are lost': {
    http: [{ match: { method: 'PUT' }, times: 2, action: { type: 'applyThenReset' } }],
  },
  'a pool operation is slow': {
    outcomes: [{ match: {}, times: 2, outcome: { type: 'slow', seconds: 600 } }],
  },
  'a pool cannot be allocated': {
    outcomes: [
      {
        match: { operation: 'create' },
        times: 1,
        outcome: {
          type: 'fail',
          afterSeconds: 90,
          code: 'AllocationFailed',
          message: 'Allocation failed. There is not enough capacity of this size in the region.',
        },
      },
    ],
  },
  'Kubernetes answers 500': {
    kubernetes: [{ match: { path: '/apis/**' }, times: 8, probability: 0.3, action: 'status', code: 500 }],
  },
  'Kubernetes connections break': {
    kubernetes: [{ match: { path: '/apis/**' }, times: 5, action: 'reset' }],
  },
  'answers to Kubernetes writes are lost': {
    kubernetes: [
      { match: { method: 'PUT' }, times: 2, action: 'applied-then-reset' },
      { match: { method: 'PATCH' }, times: 2, action: 'applied-then-reset' },
      { match: { method: 'POST' }, times: 2, action: 'applied-then-reset' },
    ],
  },
};

/** Replaces the faults in force; without rules, all is well again. */
export async function setFaults({ armUrl, caFile }: Endpoints, rules: FaultRulesInput = {}): Promise<void> {
  const outgoing = request(`${armUrl}/simulator/faults`, {
    method: 'PUT',
    ca: readFileSync(caFile),
    agent: false,
    headers: { 'content-type': 'application/json' },
  });
  outgoing.end(JSON.stringify(rules));
  const answered = new Promise<number>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      response.resume();
      once(response, 'end').then(() => resolve(response.statusCode ?? 0), reject);
    });
  });
  const status = await answered;
  if (status !== 200) throw new Error(`PUT /simulator/faults answered ${status}`);
}
