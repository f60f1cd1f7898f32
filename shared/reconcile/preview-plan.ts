/** What `POST /api/plan` answers. Reads only: no record, event, wish or request to Azure but for its lists comes of it. */
import { SlipwayError, Terminal } from '../errors/slipway-error.ts';
import type { CustomResource } from '../kubernetes/cluster.ts';
import { readRecord } from '../lifecycle/take-snapshot.ts';
import type { RenderedObject } from '../manifests/rendered-object.ts';
import { renderWorkload } from '../manifests/workload.ts';
import type { Plan, PlanContext } from '../planning/plan.ts';
import type { PlanPreview } from '../planning/plan-preview.ts';
import { previewPlan, sizesOfInterest } from '../planning/plan-preview.ts';
import { priceRemarks } from '../planning/rung-preview.ts';
import { planForSize } from '../planning/size-options.ts';
import type { AdmissionContext } from '../workspace/admission-context.ts';
import type { Fault } from '../workspace/fault.ts';
import { CauseReason } from '../workspace/fault.ts';
import { intentHash } from '../workspace/intent.ts';
import { validateCreate } from '../workspace/validate.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { localNvmeStorageClass } from './apply-workload.ts';
import { modelFromHub, pinnedModel } from './hub-model.ts';
import type { SeenCluster } from './look-at-cluster.ts';
import { lookAtCluster } from './look-at-cluster.ts';
import type { Services } from './services.ts';

export interface PreviewRequest {
  /** Parsed, not yet validated. */
  document: unknown;
  cluster: string;
  /** Render what would be applied. */
  manifests: boolean;
}

export interface PreviewAnswer extends PlanPreview {
  cluster: string;
  region: string | null;
  workspace: { namespace: string; name: string };
  /** Remarks of the validation and of the plan. */
  warnings: string[];
  /** Sources that were silent or late, and what was answered without them. */
  notes: string[];
  manifests?: RenderedObject[];
}

export type PreviewResult = { ok: true; answer: PreviewAnswer } | { ok: false; faults: Fault[] };

/** Before the record is made it has no uid; the API server gives one. */
const uidToCome = '00000000-0000-0000-0000-000000000000';

/** Throws `Terminal('UnknownCluster')`. A cluster out of reach is no reason to refuse: what only it knows is missing, and said to be. */
export async function answerPreview(services: Services, request: PreviewRequest): Promise<PreviewResult> {
  const validated = validateCreate(request.document, services.admission(request.cluster));
  if (!validated.ok) return { ok: false, faults: validated.faults };
  const { value: workspace, warnings } = validated;
  const { cluster } = request;
  const notes: string[] = [];
  const seen = await lookAtCluster(services, { cluster, workspace, notes });
  const [facts, model] = await Promise.all([
    services.offers.lookUp({
      cluster,
      instanceTypes: sizesOfInterest(workspace),
      now: Date.parse(seen.now),
    }),
    modelOf(services, workspace, seen),
  ]);
  const context = { ...seen.context, ...model.context };
  const { refusals, now } = seen;
  const preview = previewPlan(workspace, { context, facts, refusals, now });
  const { plan } = preview;
  return {
    ok: true,
    answer: {
      cluster,
      region: facts.region,
      workspace: { namespace: workspace.metadata.namespace, name: workspace.metadata.name },
      warnings: [
        ...warnings,
        ...(plan?.warnings ?? []),
        ...priceRemarks(preview.ladder),
        ...recordWarning(workspace, seen.record, services.admission(cluster)),
      ],
      ...preview,
      faults: model.fault === undefined ? preview.faults : [model.fault],
      notes: [...notes, ...facts.notes],
      ...(request.manifests && plan !== null
        ? { manifests: await manifestsOf(workspace, plan, { ...seen, notes }) }
        : {}),
    },
  };
}

/** Facts of a model outside the catalogue. Why they cannot be had is part of the answer. */
async function modelOf(
  services: Services,
  workspace: Workspace,
  seen: SeenCluster,
): Promise<{ context: PlanContext; fault?: Fault }> {
  const planned = planForSize(workspace, workspace.resource.instanceType ?? '', seen.context);
  if (planned.ok || planned.needs === undefined || seen.services === undefined) return { context: {} };
  const wanted = seen.record === undefined ? { id: planned.needs } : pinnedModel(seen.record, planned.needs);
  try {
    return { context: await modelFromHub(services, seen.services.connection, workspace, wanted) };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const fault: Fault = {
      field: 'inference.preset.name',
      reason: error instanceof Terminal ? CauseReason.NotSupported : CauseReason.Invalid,
      message: `${error.code}: ${error.message}`,
    };
    return { context: {}, fault: error.remedy === undefined ? fault : { ...fault, remedy: error.remedy } };
  }
}

function recordWarning(
  workspace: Workspace,
  record: CustomResource | undefined,
  admission: Partial<AdmissionContext>,
): string[] {
  if (record === undefined) return [];
  const same = readRecord(record, admission).intent === intentHash(workspace);
  const it = 'a workspace of this name exists already; nodes it holds count as used in the quotas above';
  return [same ? it : `${it}. POST would be refused, PUT would change it`];
}

async function manifestsOf(
  workspace: Workspace,
  plan: Plan,
  { services, record, notes }: Pick<SeenCluster, 'services' | 'record'> & { notes: string[] },
): Promise<RenderedObject[]> {
  const options = { ownerUid: record?.metadata.uid ?? uidToCome, localNvmeStorageClass: false };
  if (!plan.nvme || services === undefined) return renderWorkload(workspace, plan, options);
  try {
    const exists = await services.connection.workloads.storageClassExists(localNvmeStorageClass);
    return renderWorkload(workspace, plan, { ...options, localNvmeStorageClass: exists });
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    notes.push(`storage class ${localNvmeStorageClass}: not known, ${error.message}`);
    return renderWorkload(workspace, plan, options);
  }
}
