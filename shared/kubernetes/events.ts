import { createHash } from 'node:crypto';
import { SlipwayError } from '../errors/slipway-error.ts';
import type { ClusterEvents, WorkspaceEvent } from './cluster.ts';
import { fieldManager, managedBy, managedByLabel, workspaceApiVersion } from './labels.ts';
import { resourcePath } from './resource-path.ts';
import type { Session } from './session.ts';

/** Room for a dot and the hash within the 253 characters of a name. */
const longestPrefix = 200;

/** core/v1 Events about Workspaces. The same words about the same object are one Event that counts. */
export class EventRecorder implements ClusterEvents {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async record(event: WorkspaceEvent): Promise<void> {
    const { namespace } = event.workspace;
    const name = nameOf(event);
    const path = resourcePath({ apiVersion: 'v1', plural: 'events', namespace });
    try {
      await this.#session.call(
        `write an Event about workspace ${namespace}/${event.workspace.name}`,
        ({ send }) => send({ method: 'POST', path, query: { fieldManager }, body: toBody(event, name) }),
      );
    } catch (error) {
      if (!(error instanceof SlipwayError) || error.code !== 'AlreadyExists') throw error;
      await this.#count(event, name);
    }
  }

  /** Two writers at once may count one too few: the count is for people. */
  async #count({ workspace: { namespace }, time }: WorkspaceEvent, name: string): Promise<void> {
    const known = await this.#session.find(`read Event ${namespace}/${name}`, ({ core }) =>
      core.readNamespacedEvent({ namespace, name }),
    );
    await this.#session.find(`count Event ${namespace}/${name}`, ({ send }) =>
      send({
        method: 'PATCH',
        path: resourcePath({ apiVersion: 'v1', plural: 'events', namespace, name }),
        query: { fieldManager },
        body: { count: (known?.count ?? 1) + 1, lastTimestamp: wholeSeconds(time) },
        contentType: this.#session.client.PatchStrategy.MergePatch,
      }),
    );
  }
}

function nameOf({ workspace, uid, type, reason, message }: WorkspaceEvent): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([uid, type, reason, message]))
    .digest('hex');
  const prefix = workspace.name.slice(0, longestPrefix).replace(/[.-]+$/, '');
  return `${prefix}.${hash.slice(0, 16)}`;
}

function toBody(event: WorkspaceEvent, name: string): Record<string, unknown> {
  const { workspace, uid, type, reason, message } = event;
  const at = wholeSeconds(event.time);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: workspace.namespace, labels: { [managedByLabel]: managedBy } },
    involvedObject: { apiVersion: workspaceApiVersion, kind: 'Workspace', ...workspace, uid },
    type,
    reason,
    message,
    source: { component: managedBy },
    reportingComponent: managedBy,
    reportingInstance: managedBy,
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}

/** metav1.Time has no fraction of a second. */
function wholeSeconds(time: string): string {
  return `${time.slice(0, 19)}Z`;
}
