import { CauseReason, shown, type Fault, type Findings } from '../fault.ts';
import type { AdmissionContext } from '../admission-context.ts';
import type { Partition } from '../workspace.ts';
import type { ModelFacts } from '../../planning/model-facts.ts';
import { migMemoryGiB, migProfiles } from '../../planning/node-facts.ts';
import { gibibyte } from '../../planning/quantity.ts';

interface PartitionCase {
  partition: Partition;
  context: AdmissionContext;
  /** Facts of the preset, when it has known ones. */
  model: ModelFacts | undefined;
  bypassed: boolean;
}

const at = 'resource.partition';

/** GPU partitions exist on nodes that the user brings: R3 and R6 to R13. */
export function checkPartition(
  { partition, context, model, bypassed }: PartitionCase,
  findings: Findings,
): void {
  const { faults } = findings;
  if (context.provisioning === 'auto') {
    const message = 'GPU partitioning needs BYO nodes; here nodes are added for each Workspace';
    faults.push({ field: at, reason: CauseReason.Forbidden, message, remedy: 'remove partition' });
  } else if (partition.mode === 'mig') {
    faults.push(...migFaults(partition, context.gates.mig));
    const memory = migMemoryGiB(partition.profile ?? '');
    if (model === undefined || memory === undefined || model.weightBytes <= memory * gibibyte) return;
    const message = `model weights ${model.weights} exceeds the ${partition.profile ?? ''} MIG slice capacity ${memory}Gi`;
    if (bypassed) findings.warnings.push(`${at}: ${message}`);
    else faults.push({ field: at, reason: CauseReason.Invalid, message, remedy: 'choose a larger profile' });
  } else faults.push(...acceleratorFaults(partition, context.gates.accelerator));
}

function migFaults({ profile = '', count }: Partition, enabled: boolean): Fault[] {
  const faults: Fault[] = [];
  if (!enabled) faults.push(gateOff('MIG support is not enabled', 'enableMIG'));
  if (count !== undefined) {
    const message = `count is only valid for accelerator mode, here ${count}`;
    faults.push({ field: `${at}.count`, reason: CauseReason.Forbidden, message, remedy: 'remove count' });
  }
  const wellFormed = migMemoryGiB(profile) !== undefined;
  if (wellFormed && migProfiles.includes(profile)) return faults;
  const reason =
    profile === '' ? CauseReason.Required : wellFormed ? CauseReason.NotSupported : CauseReason.Invalid;
  const message = `${wellFormed ? 'unknown' : 'invalid'} MIG profile ${shown(profile)}`;
  return [
    ...faults,
    { field: `${at}.profile`, reason, message, remedy: `known profiles: ${migProfiles.join(', ')}` },
  ];
}

function acceleratorFaults({ profile, count }: Partition, enabled: boolean): Fault[] {
  const faults: Fault[] = [];
  if (!enabled) faults.push(gateOff('accelerator support is not enabled', 'enableAccelerator'));
  if (profile !== undefined && profile !== '') {
    const message = `profile is not valid for accelerator mode, here ${shown(profile)}`;
    faults.push({ field: `${at}.profile`, reason: CauseReason.Forbidden, message, remedy: 'remove profile' });
  }
  if (count === undefined) {
    const message = 'count is required for accelerator mode';
    faults.push({
      field: `${at}.count`,
      reason: CauseReason.Required,
      message,
      remedy: 'write how many whole GPUs',
    });
  }
  return faults;
}

function gateOff(message: string, gate: string): Fault {
  return { field: at, reason: CauseReason.Forbidden, message, remedy: `set the feature gate ${gate}=true` };
}
