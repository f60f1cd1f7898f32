import type { ClusterObjects } from '../kubernetes/cluster-objects.ts';
import type { NodeView } from '../kubernetes/cluster.ts';
import { matchingNodes } from '../planning/node-facts.ts';
import { inPortTerms } from './from-cluster-error.ts';
import type {
  NodeProvisioner,
  PoolPower,
  PoolRequest,
  PoolView,
  PowerState,
  ProvisioningFailure,
} from './node-provisioner.ts';
import type { PoolNote } from './pool-notes.ts';
import { PoolNotes } from './pool-notes.ts';
import { checkName, notOurs } from './refusals-of-ours.ts';
import { areOurs } from './stored-tags.ts';

export interface BroughtNodesOptions {
  objects: ClusterObjects;
  nodes: () => Promise<NodeView[]>;
  powerState: () => Promise<PowerState>;
}

/**
 * Nodes that the user brings: found by the Workspace's labels and counted, never made, changed or released. A pool is a note of what is
 * looked for. As with KAITO two workspaces whose labels match the same nodes both count them; whether their GPUs suffice the scheduler
 * says, and the second one's pods stay Unschedulable. Source: reference, f.6. See {@link NodeProvisioner} for the contract.
 */
export class BroughtNodes implements NodeProvisioner {
  readonly #options: BroughtNodesOptions;
  readonly #notes: PoolNotes;

  constructor(options: BroughtNodesOptions) {
    this.#options = options;
    this.#notes = new PoolNotes(options.objects);
  }

  list(): Promise<PoolView[]> {
    return inPortTerms(async () => {
      const [notes, nodes] = await Promise.all([this.#notes.list(), this.#options.nodes()]);
      return notes.map((note) => viewOf(note, nodes));
    });
  }

  create(request: PoolRequest): Promise<'started' | 'exists'> {
    return inPortTerms(async () => {
      checkName(request.name);
      return this.#notes.write(request);
    });
  }

  scale(name: string, count: number, power: PoolPower = 'running'): Promise<'started' | 'unchanged'> {
    const wanted = power === 'stopped' ? 0 : count;
    return inPortTerms(async () => {
      const note = await this.#notes.ours(name);
      if (note.order.count === wanted) return 'unchanged';
      await this.#notes.setCount(note, wanted);
      return 'started';
    });
  }

  /** The user's machines are the user's to mend. */
  repair(): Promise<'started' | 'unchanged'> {
    return Promise.resolve('unchanged');
  }

  delete(name: string): Promise<'started' | 'absent'> {
    return inPortTerms(async () => {
      const note = await this.#notes.find(name);
      if (note === undefined) return 'absent';
      if (!areOurs(note.tags)) throw notOurs('Pool', name);
      await this.#notes.drop(note);
      return 'started';
    });
  }

  powerState(): Promise<PowerState> {
    return this.#options.powerState();
  }
}

/** Ready once as many nodes as asked for carry the labels and are Ready. Their size and their plugins are the user's affair. Source: f.6. */
function viewOf({ name, tags, order }: PoolNote, nodes: readonly NodeView[]): PoolView {
  const found = matchingNodes(nodes, order.userLabels).filter(({ deleting }) => deleting !== true);
  const ready = found.filter((node) => node.ready === true).length;
  const enough = ready >= order.count;
  return {
    name,
    instanceType: order.instanceType,
    count: order.count,
    state: enough ? 'succeeded' : 'creating',
    provisioningState: enough ? 'Succeeded' : 'Waiting',
    tags,
    nodes: found.map((node) => node.name).sort(),
    ...(enough ? {} : { failure: awaited(order.userLabels, ready, order.count) }),
  };
}

function awaited(
  labels: Readonly<Record<string, string>>,
  ready: number,
  count: number,
): ProvisioningFailure {
  return {
    class: 'wait',
    code: 'NodesAwaited',
    message: `nodes ${labelText(labels)} to be Ready: ${ready} of ${count}`,
  };
}

/** For messages: `labelled apps=phi-4,gpu=a100`; without labels any node will do. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? 'of any label' : `labelled ${pairs.join(',')}`;
}
