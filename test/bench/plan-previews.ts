import { join } from 'node:path';
import { startSlipway } from '../faults/kill/support/slipway.ts';
import { workspaceDocument } from '../harness/workspaces.ts';
import type { Figure } from './figure.ts';
import { percentile } from './figure.ts';

const rounds = 200;
/** Sent together, as a form that asks on every change would with some users. */
const together = 8;
const aim = { atMost: 300 };
/** From one node to many, with ladders and without. */
const questions: { preset: string; annotations?: Record<string, string>; query?: string }[] = [
  { preset: 'phi-3-mini-4k-instruct' },
  { preset: 'llama-3.3-70b-instruct', query: '?manifests=true' },
  {
    preset: 'phi-4',
    annotations: {
      'slipway.dev/priority': 'spot-then-on-demand',
      'slipway.dev/fallback-instance-types': 'Standard_NC40ads_H100_v5,Standard_NC48ads_A100_v4',
      'slipway.dev/fallback-zones': '1,2,3',
      'slipway.dev/ttl': '8h',
    },
  },
];

/** `POST /api/plan` through HTTP on the whole platform, at real speed: the first question of a process, then warm ones. */
export async function measurePlanPreviews(): Promise<Figure[]> {
  const slipway = await startSlipway({
    speed: 1,
    timingsFile: join(import.meta.dirname, 'no-waits.yaml'),
  });
  try {
    const url = `${slipway.platform.endpoints.functionsUrl}/api/plan`;
    const cold = await timeOf(url, 0);
    const alone: number[] = [];
    for (let count = 1; count <= rounds; count += 1) alone.push(await timeOf(url, count));
    const crowded: number[] = [];
    for (let count = 0; count < rounds; count += together) {
      const batch = Array.from({ length: together }, (_, index) => timeOf(url, count + index));
      crowded.push(...(await Promise.all(batch)));
    }
    return [
      { name: 'POST /api/plan, the first of a process', value: cold, unit: 'ms' },
      { name: 'POST /api/plan, p50', value: percentile(alone, 0.5), unit: 'ms' },
      { name: 'POST /api/plan, p95', value: percentile(alone, 0.95), unit: 'ms', aim },
      {
        name: `POST /api/plan, ${together} at a time, p95`,
        value: percentile(crowded, 0.95),
        unit: 'ms',
        aim,
      },
    ];
  } finally {
    await slipway.end();
  }
}

async function timeOf(url: string, count: number): Promise<number> {
  const { query = '', ...options } = questions[count % questions.length] ?? { preset: 'phi-4' };
  const body = workspaceDocument(`asked-${count}`, options);
  const started = performance.now();
  const response = await fetch(`${url}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const passed = performance.now() - started;
  if (response.status !== 200) throw new Error(`plan answered ${response.status}: ${text}`);
  if (!text.includes('azure-retail-prices')) throw new Error(`no price of the list in ${text}`);
  return passed;
}
