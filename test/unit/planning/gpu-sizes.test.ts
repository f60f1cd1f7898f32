import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { factSources } from '../../../shared/planning/gpu-size.ts';
import { gpuSizes } from '../../../shared/planning/gpu-size-table.ts';
import { findGpuSize } from '../../../shared/planning/gpu-sizes.ts';

type Row = readonly [
  name: string,
  model: string,
  gpus: number,
  totalGiB: number,
  nvme: boolean,
  capability: number | undefined,
];

/** KAITO v0.12.0's table of Azure sizes. */
const kaito: readonly Row[] = [
  ['Standard_NV36ads_A10_v5', 'NVIDIA A10', 1, 24, false, 8.6],
  ['Standard_NV72ads_A10_v5', 'NVIDIA A10', 2, 48, false, 8.6],
  ['Standard_NC24ads_A100_v4', 'NVIDIA A100', 1, 80, true, 8.0],
  ['Standard_NC48ads_A100_v4', 'NVIDIA A100', 2, 160, true, 8.0],
  ['Standard_NC96ads_A100_v4', 'NVIDIA A100', 4, 320, true, 8.0],
  ['Standard_ND96asr_A100_v4', 'NVIDIA A100', 8, 320, false, 8.0],
  ['Standard_ND96amsr_A100_v4', 'NVIDIA A100', 8, 640, true, 8.0],
  ['Standard_NC40ads_H100_v5', 'NVIDIA H100', 1, 94, true, 9.0],
  ['Standard_NC80adis_H100_v5', 'NVIDIA H100', 2, 188, true, 9.0],
  ['Standard_ND96isr_H100_v5', 'NVIDIA H100', 8, 640, true, 9.0],
  ['Standard_NCC40ads_H100_v5', 'NVIDIA H100', 1, 94, false, 9.0],
  ['Standard_ND96isr_H200_v5', 'NVIDIA H200', 8, 1128, true, 9.0],
  ['Standard_NG32ads_V620_v1', 'AMD Radeon PRO V620', 1, 32, false, undefined],
  ['Standard_NG32adms_V620_v1', 'AMD Radeon PRO V620', 1, 32, false, undefined],
];

/** Sizes that KAITO dropped or lacks, as Microsoft documents them. */
const beyond: readonly Row[] = [
  ['Standard_NC6s_v3', 'NVIDIA V100', 1, 16, false, 7.0],
  ['Standard_NC12s_v3', 'NVIDIA V100', 2, 32, false, 7.0],
  ['Standard_NC24s_v3', 'NVIDIA V100', 4, 64, false, 7.0],
  ['Standard_NC24rs_v3', 'NVIDIA V100', 4, 64, false, 7.0],
  ['Standard_NC4as_T4_v3', 'NVIDIA T4', 1, 16, false, 7.5],
  ['Standard_NC8as_T4_v3', 'NVIDIA T4', 1, 16, false, 7.5],
  ['Standard_NC16as_T4_v3', 'NVIDIA T4', 1, 16, false, 7.5],
  ['Standard_NC64as_T4_v3', 'NVIDIA T4', 4, 64, false, 7.5],
  ['Standard_NV6ads_A10_v5', 'NVIDIA A10', 1, 4, false, 8.6],
  ['Standard_NV12ads_A10_v5', 'NVIDIA A10', 1, 8, false, 8.6],
  ['Standard_NV18ads_A10_v5', 'NVIDIA A10', 1, 12, false, 8.6],
  ['Standard_NV36adms_A10_v5', 'NVIDIA A10', 1, 24, false, 8.6],
  ['Standard_ND96asr_v4', 'NVIDIA A100', 8, 320, false, 8.0],
  ['Standard_ND96is_H100_v5', 'NVIDIA H100', 8, 640, true, 9.0],
  ['Standard_ND96isr_MI300X_v5', 'AMD Instinct MI300X', 8, 1536, true, undefined],
  ['Standard_ND96is_MI300X_v5', 'AMD Instinct MI300X', 8, 1536, true, undefined],
];

function facts(name: string): Row {
  const size = findGpuSize(name);
  assert.ok(size, name);
  return [size.name, size.gpuModel, size.gpuCount, size.totalMemoryGiB, size.nvme, size.computeCapability];
}

describe('a GPU instance type', () => {
  for (const row of kaito) {
    it(`has the facts of KAITO's table: ${row[0]}`, () => {
      assert.deepEqual(facts(row[0]), row);
      assert.equal(findGpuSize(row[0])?.inKaito, true);
    });
  }
  for (const row of beyond) {
    it(`that KAITO lacks has the facts of Azure's documents: ${row[0]}`, () => {
      assert.deepEqual(facts(row[0]), row);
      assert.equal(findGpuSize(row[0])?.inKaito, undefined);
    });
  }

  it('is one of these and no other, each there once', () => {
    assert.deepEqual(
      gpuSizes.map(({ name }) => name).sort(),
      [...kaito, ...beyond].map(([name]) => name).sort(),
    );
  });

  it('is found in any case, and only by its own name', () => {
    assert.equal(findGpuSize('STANDARD_nc24ADS_a100_V4')?.name, 'Standard_NC24ads_A100_v4');
    for (const name of ['', 'Standard_NC24ads', ' Standard_NC24ads_A100_v4', '__proto__'])
      assert.equal(findGpuSize(name), undefined, name);
  });

  it('is retired where Azure has retired its series, and only there', () => {
    for (const { name, retired } of gpuSizes)
      assert.equal(retired === true, /^Standard_NC\d+r?s_v3$/.test(name));
  });

  it('has a source for each figure, and none for the link of a single GPU', () => {
    for (const { name, sources, gpuCount, nvlink } of gpuSizes) {
      assert.deepEqual(Object.keys(sources).sort(), ['family', 'gpus', 'nvlink', 'price', 'vcpus']);
      for (const source of Object.values(sources)) assert.ok(factSources[source].length > 10, name);
      if (gpuCount === 1) assert.ok(!nvlink, name);
      else assert.notEqual(sources.nvlink, 'oneGpu', name);
    }
  });

  it('has a price that orders it: more of the same GPU costs more', () => {
    for (const one of gpuSizes) {
      for (const other of gpuSizes) {
        const alike = one.gpuModel === other.gpuModel && one.quotaFamily === other.quotaFamily;
        if (alike && one.totalMemoryGiB < other.totalMemoryGiB)
          assert.ok(one.hourlyPrice < other.hourlyPrice, `${one.name} and ${other.name}`);
      }
    }
  });
});
