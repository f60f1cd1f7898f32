/** What somebody does to agent pools past Slipway: in the portal, or with `az aks nodepool`. */
import assert from 'node:assert/strict';
import type { PlatformHarness } from './platform.ts';

/** Makes a pool of one GPU node. */
export async function makePool(
  platform: PlatformHarness,
  name: string,
  tags: Record<string, string>,
): Promise<void> {
  await putPool(platform, name, { tags });
}

/**
 * Makes GPU nodes as a user brings them: labelled, and with the labels that NVIDIA's GPU feature discovery writes. Asked for again with
 * another count, the pool gets that.
 */
export async function bringNodes(
  platform: PlatformHarness,
  name: string,
  { count = 1, labels }: { count?: number; labels: Record<string, string> },
): Promise<void> {
  const found = {
    'nvidia.com/gpu.product': 'NVIDIA-A100-80GB-PCIe',
    'nvidia.com/gpu.count': '1',
    'nvidia.com/gpu.memory': '81920',
  };
  await putPool(platform, name, { count, nodeLabels: { ...found, ...labels } });
}

async function putPool(platform: PlatformHarness, name: string, more: object): Promise<void> {
  const properties = {
    count: 1,
    vmSize: 'Standard_NC24ads_A100_v4',
    mode: 'User',
    osType: 'Linux',
    osSKU: 'Ubuntu',
    ...more,
  };
  const status = await call(platform, 'PUT', name, { properties });
  assert.ok(status === 200 || status === 201, `PUT of pool ${name} answered ${status}`);
}

export async function deletePool(platform: PlatformHarness, name: string): Promise<void> {
  const status = await call(platform, 'DELETE', name);
  assert.equal(status, 202, `DELETE of pool ${name} answered ${status}`);
}

export async function poolExists(platform: PlatformHarness, name: string): Promise<boolean> {
  return (await call(platform, 'GET', name)) === 200;
}

async function call(
  platform: PlatformHarness,
  method: string,
  pool: string,
  body?: unknown,
): Promise<number> {
  const path = `${platform.cluster.resourceId}/agentPools/${pool}?api-version=2026-04-01`;
  const response = await fetch(`${platform.azure.armUrl}${path}`, {
    method,
    headers: { authorization: 'Bearer development', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}
