import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { withConditions } from '../objects/conditions.ts';
import { nodeReadiness, readNode } from '../objects/node.ts';
import type { Condition } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import { kubernetesTime } from '../objects/times.ts';
import type { Controller } from '../runtime/controller.ts';
import type { KarpenterCloud, LaunchRequest } from './cloud.ts';
import { karpenterKinds } from './kinds.ts';
import type { NodeClaim } from './node-claim.ts';
import {
  allowedValues,
  claimNameOf,
  has,
  karpenterLabel,
  nodeNameOf,
  note,
  parseClaim,
} from './node-claim.ts';

const kind = karpenterKinds.nodeClaims;
const finalizer = 'karpenter.sh/termination';
/** A claim that has not launched in this time is deleted; its NodePool makes another. Source: Karpenter's launch timeout. */
const launchTimeoutSeconds = 5 * 60;

/** The launch under way, or the wait before the next try. */
const launchSchema = z.discriminatedUnion('state', [
  z.object({ state: z.literal('making'), at: z.number(), zone: z.string().optional() }),
  z.object({ state: z.literal('failing'), at: z.number(), reason: z.string(), message: z.string() }),
  z.object({ state: z.literal('waiting'), at: z.number() }),
  z.object({ state: z.literal('stuck') }),
]);
type Launch = z.infer<typeof launchSchema>;

/** A NodeClaim's life: launched, registered when its node joins, initialized when that is Ready with its GPUs, and terminated. */
export function nodeClaimController(context: ClusterContext, cloud: KarpenterCloud): Controller {
  const { clock, store, timings } = context;

  function reconcile(name: string): number | undefined {
    const object = store.get(kind, { name });
    if (object === undefined) return undefined;
    const claim = parseClaim(object);
    if (object.metadata.annotations?.[note.lost] === 'true') {
      forget(object);
      return undefined;
    }
    if (object.metadata.deletionTimestamp !== undefined) return terminate(object, claim);
    hold(object);
    if (!has(claim, 'Launched')) return launch(object, claim);
    initialize(object, claim);
    return undefined;
  }

  /** The instance is gone: Karpenter's garbage collection drops the claim. */
  function forget({ metadata }: StoredObject): void {
    store.mutate(kind, metadata, (draft) => {
      draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((one) => one !== finalizer);
    });
    store.remove(kind, metadata, { uid: metadata.uid });
  }

  function terminate(object: StoredObject, claim: NodeClaim): number | undefined {
    const { metadata } = object;
    const since = Date.parse(metadata.deletionTimestamp ?? '');
    const due = has(claim, 'Launched') ? since + timings.nodes.terminate * 1000 : since;
    if (clock.now() < due) return due;
    store.mutate(kind, metadata, (draft) => {
      draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((one) => one !== finalizer);
    });
    return undefined;
  }

  function hold({ metadata }: StoredObject): void {
    store.mutate(kind, metadata, (draft) => {
      const finalizers = draft.metadata.finalizers ?? [];
      if (!finalizers.includes(finalizer)) draft.metadata.finalizers = [...finalizers, finalizer];
    });
  }

  function launch(object: StoredObject, claim: NodeClaim): number | undefined {
    const now = clock.now();
    const timeout = Date.parse(object.metadata.creationTimestamp) + launchTimeoutSeconds * 1000;
    if (now >= timeout) {
      store.remove(kind, object.metadata, { uid: object.metadata.uid });
      return undefined;
    }
    const current = launchOf(object) ?? begin(object, claim);
    if (current.state === 'stuck') return timeout;
    if (now < current.at) return Math.min(current.at, timeout);
    switch (current.state) {
      case 'making':
        made(object, current.zone);
        return undefined;
      case 'failing': {
        write(object, [
          { type: 'Launched', status: 'Unknown', reason: current.reason, message: current.message },
        ]);
        const next: Launch = { state: 'waiting', at: now + timings.nodes.launchRetry * 1000 };
        remember(object, next);
        return Math.min(next.at, timeout);
      }
      case 'waiting': {
        const again = begin(object, claim);
        return again.state === 'stuck' ? timeout : Math.min(again.at, timeout);
      }
    }
  }

  function begin(object: StoredObject, { spec }: NodeClaim): Launch {
    const answer = cloud.launch(requestOf(object, spec));
    const launched: Launch =
      answer.outcome === 'stuck'
        ? { state: 'stuck' }
        : answer.outcome === 'made'
          ? {
              state: 'making',
              at: clock.now() + answer.afterSeconds * 1000,
              ...(answer.zone === undefined ? {} : { zone: answer.zone }),
            }
          : {
              state: 'failing',
              at: clock.now() + answer.afterSeconds * 1000,
              reason: answer.reason,
              message: answer.message,
            };
    remember(object, launched);
    const { status } = parseClaim(object);
    if (status.conditions.length === 0) write(object, beginning);
    return launched;
  }

  function remember({ metadata }: StoredObject, launch: Launch): void {
    store.mutate(kind, metadata, (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, [note.launch]: JSON.stringify(launch) };
    });
  }

  function made({ metadata }: StoredObject, zone: string | undefined): void {
    store.mutate(kind, metadata, (draft) => {
      const { spec } = parseClaim(draft);
      const [instanceType = ''] = allowedValues(spec, karpenterLabel.instanceType) ?? [];
      const [capacityType = 'on-demand'] = allowedValues(spec, karpenterLabel.capacityType) ?? [];
      draft.metadata.labels = {
        ...draft.metadata.labels,
        [karpenterLabel.instanceType]: instanceType,
        [karpenterLabel.capacityType]: capacityType,
        ...(zone === undefined ? {} : { [karpenterLabel.zone]: `${cloud.region}-${zone}` }),
      };
    });
    const node = nodeNameOf(metadata.name);
    const providerID = `azure:///subscriptions/${cloud.subscriptionId}/resourceGroups/${cloud.nodeResourceGroup}/providers/Microsoft.Compute/virtualMachines/${node}`;
    write({ metadata }, [{ type: 'Launched', status: 'True', reason: 'Launched', message: '' }], {
      providerID,
    });
  }

  /** Ready, with every resource its size promises: the plugin's GPUs too. */
  function initialize(object: StoredObject, claim: NodeClaim): void {
    if (!has(claim, 'Registered') || has(claim, 'Initialized')) return;
    const node = context.cache.get(resources.nodes, { name: nodeNameOf(object.metadata.name) });
    if (node === undefined || nodeReadiness(node) !== 'True') return;
    const [size = ''] = allowedValues(claim.spec, karpenterLabel.instanceType) ?? [];
    const gpus = Number(readNode(node).status.allocatable['nvidia.com/gpu'] ?? 0);
    if (gpus < (cloud.size(size)?.gpus ?? 0)) return;
    write(object, [
      { type: 'Initialized', status: 'True', reason: 'Initialized', message: '' },
      { type: 'Ready', status: 'True', reason: 'Ready', message: '' },
    ]);
  }

  function write(
    { metadata }: Pick<StoredObject, 'metadata'>,
    changes: Condition[],
    more: Record<string, unknown> = {},
  ): void {
    store.mutateStatus(kind, metadata, (draft) => {
      const { status } = parseClaim(draft);
      const conditions = withConditions(status.conditions, changes, kubernetesTime(clock.now()));
      draft['status'] = { ...status, ...more, conditions };
    });
  }

  return {
    name: 'karpenter-node-claim',
    affected: ({ resource, object: { metadata } }) => {
      if (resource.plural === kind.plural) return [metadata.name];
      const claim = resource.plural === 'nodes' ? claimNameOf(metadata.name) : undefined;
      return claim === undefined ? [] : [claim];
    },
    reconcile,
  };
}

/** What a fresh claim says of itself. */
const beginning: Condition[] = ['Launched', 'Registered', 'Initialized', 'Ready'].map((type) => ({
  type,
  status: 'Unknown',
  reason: 'AwaitingReconciliation',
  message: 'object is awaiting reconciliation',
}));

function launchOf({ metadata }: StoredObject): Launch | undefined {
  const text = metadata.annotations?.[note.launch];
  return text === undefined ? undefined : launchSchema.parse(JSON.parse(text));
}

function requestOf({ metadata }: StoredObject, spec: NodeClaim['spec']): LaunchRequest {
  const [instanceType = ''] = allowedValues(spec, karpenterLabel.instanceType) ?? [];
  const zones = allowedValues(spec, karpenterLabel.zone) ?? [];
  const nodePool = metadata.labels?.[karpenterLabel.nodePool] ?? '';
  const isOwned = metadata.ownerReferences?.some((owner) => owner.kind === 'NodePool') === true;
  return {
    pool: isOwned ? nodePool : metadata.name,
    instanceType,
    zones: zones.flatMap((zone) => zone.split('-').at(-1) ?? []),
    spot: allowedValues(spec, karpenterLabel.capacityType)?.includes('spot') === true,
  };
}
