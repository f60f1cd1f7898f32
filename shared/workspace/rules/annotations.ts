import { readLifetimeOptions } from '../lifetime-options.ts';
import { readProvisioningOptions } from '../provisioning-options.ts';
import { Annotation, nodeImageFamilies, performanceModes, SlipwayAnnotation } from '../annotations.ts';
import type { Annotations } from '../annotations.ts';
import { CauseReason, shortened, shown, type Findings } from '../fault.ts';
import { suggest } from '../schema/suggest.ts';
import { versionOf, type Workspace } from '../workspace.ts';

/** Values that annotations may have: C5, C6 and C7 of the reference; v1alpha1 checked C5 alone. */
export function checkAnnotationValues(workspace: Workspace, findings: Findings): void {
  const { annotations } = workspace.metadata;
  const family = annotations[Annotation.nodeImageFamily];
  if (family !== undefined && !isOneOf(nodeImageFamilies, family.trim().toLowerCase())) {
    refuse(
      findings,
      Annotation.nodeImageFamily,
      `unsupported node image family ${shown(family)}`,
      nodeImageFamilies,
    );
  }
  if (versionOf(workspace) === 'v1beta1') {
    const mode = annotations[Annotation.performanceMode];
    if (mode !== undefined && !isOneOf(performanceModes, mode)) {
      refuse(
        findings,
        Annotation.performanceMode,
        `${shown(mode)} is not a valid performance mode`,
        performanceModes,
      );
    }
    const local = annotations[Annotation.useLocalWeights];
    if (local !== undefined && local !== 'true' && local !== 'false') {
      refuse(findings, Annotation.useLocalWeights, `${shown(local)} must be "true" or "false"`, [
        'true',
        'false',
      ]);
    }
  }
  readProvisioningOptions(annotations, findings);
  readLifetimeOptions(annotations, findings);
  if (workspace.tuning !== undefined) refuseSuspension(annotations, findings);
  remarkOnValues(annotations, findings);
}

const prefix = 'kaito.sh/';

/** KAITO's that mean nothing here, so that nobody is told to have misspelt another. Source: reference, a.3. */
const withoutEffect = [
  'kaito.sh/model-mirror-storage-class',
  'kaito.sh/streaming-service-account',
  'kaito.sh/upgrade-start-time',
];

/** Without nodes a tuning Job loses what it has learnt and begins from the start; nobody wants that to happen by the clock. */
function refuseSuspension(annotations: Annotations, { faults }: Findings): void {
  const asked: [key: string, asks: (value: string) => boolean][] = [
    [SlipwayAnnotation.suspended, (value) => value.trim() === 'true'],
    [SlipwayAnnotation.suspendSchedule, () => true],
    [SlipwayAnnotation.onExpiry, (value) => value.trim() === 'suspend'],
  ];
  for (const [key, asks] of asked) {
    const value = annotations[key];
    if (value === undefined || !asks(value)) continue;
    faults.push({
      field: `metadata.annotations[${key}]`,
      reason: CauseReason.Forbidden,
      message: 'a tuning workspace cannot be suspended: its Job would begin from the start',
      remedy: 'remove it; let the Job finish, which gives its nodes back, or delete the workspace',
    });
  }
}

/** Values that KAITO takes without a word and that mean something else than they seem to. */
function remarkOnValues(annotations: Readonly<Record<string, string>>, { warnings }: Findings): void {
  const runtime = annotations[Annotation.runtime];
  if (runtime !== undefined && runtime !== 'vllm' && runtime !== 'transformers') {
    warnings.push(`${Annotation.runtime}: ${shown(runtime)} is neither vllm nor transformers; vllm is used`);
  }
  const balancer = annotations[Annotation.enableLoadBalancer];
  if (balancer !== undefined && balancer !== 'True') {
    warnings.push(
      `${Annotation.enableLoadBalancer}: only "True" makes a load balancer, ${shown(balancer)} does not`,
    );
  }
  const benchmark = annotations[Annotation.disableBenchmark];
  if (benchmark !== undefined && benchmark !== 'true' && benchmark !== 'false') {
    warnings.push(
      `${Annotation.disableBenchmark}: only "true" turns the benchmark off, ${shown(benchmark)} does not`,
    );
  }
  const known = [...Object.values(Annotation), ...withoutEffect];
  const names = known.map((each) => each.slice(prefix.length));
  for (const key of Object.keys(annotations)) {
    if (!key.startsWith(prefix) || isOneOf(known, key)) continue;
    // By the part after the prefix: the prefix alone would make every key look near.
    const nearest = suggest(key.slice(prefix.length), names);
    if (nearest !== undefined)
      warnings.push(`${shortened(key)} is not a known annotation; did you mean ${prefix}${nearest}?`);
  }
}

function refuse({ faults }: Findings, key: string, message: string, known: readonly string[]): void {
  faults.push({
    field: `metadata.annotations[${key}]`,
    reason: CauseReason.NotSupported,
    message,
    remedy: `write ${known.join(', ')}`,
  });
}

function isOneOf(known: readonly string[], value: string): boolean {
  return known.includes(value);
}
