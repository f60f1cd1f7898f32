import type { Verdict } from './conditions.ts';
import { nodesReady, poolReady } from './conditions.ts';
import { nodesOutlook } from './nodes-outlook.ts';
import type { Failure, Observed, SlipwayStatus } from './slipway-status.ts';
import { liveAllocation } from './slipway-status.ts';

/** What the conditions NodeClaimReady and NodesReady say. */
export interface ResourceVerdicts {
  pool: Verdict;
  nodes: Verdict;
}

/** KAITO's words; the agent pool plays the part of the node claim. Source: reference, k.1. */
const poolNotReady: Verdict = {
  ready: false,
  reason: 'NodeClaimNotReady',
  message: 'Ready NodeClaims are not enough',
};
const nodesNotReady: Verdict = {
  ready: false,
  reason: 'NodeNotReady',
  message: 'Not enough Nodes are ready',
};
const pluginsNotReady: Verdict = {
  ready: false,
  reason: 'NodePluginsNotReady',
  message: 'waiting all node plugins to be ready',
};

/** How far the nodes are, by what was seen of them; a claim that has a reason of its own shows that. */
export function resourceVerdicts(
  status: Pick<SlipwayStatus, 'allocations' | 'plan'>,
  failure: Pick<Failure, 'code' | 'message'> | null,
  observed: Observed | null,
): ResourceVerdicts {
  const { pool, nodes } = verdictsOf(status, failure, observed);
  return { pool, nodes: { ...nodes, message: `${nodes.message}${pressureText(observed)}` } };
}

/** KAITO's words; f.8 of the reference. */
function pressureText(observed: Observed | null): string {
  const pressed = (observed?.nodes ?? []).flatMap(({ name, pressure = [] }) =>
    pressure.length === 0 ? [] : [`${name} (${pressure.join(', ')})`],
  );
  return pressed.length === 0
    ? ''
    : `; warning: worker node(s) under resource pressure: ${pressed.join(', ')}`;
}

function verdictsOf(
  { allocations, plan }: Pick<SlipwayStatus, 'allocations' | 'plan'>,
  failure: Pick<Failure, 'code' | 'message'> | null,
  observed: Observed | null,
): ResourceVerdicts {
  const live = liveAllocation({ allocations });
  if (live === undefined) return { pool: withOwnReason(failure ?? undefined), nodes: nodesNotReady };
  const outlook = nodesOutlook(live, observed, plan);
  switch (outlook.state) {
    case 'ready':
      return { pool: poolReady, nodes: nodesReady };
    case 'lost':
      return { pool: poolNotReady, nodes: nodesNotReady };
    case 'failed':
      return { pool: withOwnReason(outlook.failure), nodes: nodesNotReady };
    case 'waiting':
      switch (outlook.step) {
        case 'pool':
          return { pool: withOwnReason(outlook.failure), nodes: nodesNotReady };
        case 'nodes':
          return { pool: poolReady, nodes: nodesNotReady };
        case 'gpus':
          return {
            pool: poolReady,
            nodes: { ...pluginsNotReady, message: outlook.gpuProblem?.message ?? pluginsNotReady.message },
          };
      }
  }
}

function withOwnReason(failure: { code: string; message: string } | undefined): Verdict {
  if (failure === undefined) return poolNotReady;
  return { ready: false, reason: failure.code, message: failure.message };
}
