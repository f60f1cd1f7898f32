import { SlipwayError } from '../errors/slipway-error.ts';
import { asApiFailure, isObjectAbsent } from './cluster-error.ts';
import type {
  CustomResource,
  NewCustomResource,
  ObjectName,
  Timed,
  WatchEvent,
  WorkspacePage,
  WorkspaceQuery,
  WorkspaceRecords,
} from './cluster.ts';
import { timed, toCustomResource } from './custom-resource.ts';
import { isRecord } from '../workspace/json-object.ts';
import { fieldManager, observerFieldManager, workspaceApiVersion, workspacePlural } from './labels.ts';
import { resourcePath } from './resource-path.ts';
import type { Session } from './session.ts';
import { watchObject } from './watch.ts';

/** The Workspace custom resources of one cluster, as raw JSON. */
export class ClusterRecords implements WorkspaceRecords {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  get(name: ObjectName): Promise<Timed<CustomResource | undefined>> {
    return this.#session.call(`get workspace ${label(name)}`, async ({ send }) => {
      try {
        const { data, headers } = await send({ method: 'GET', path: pathOf(name) });
        return timed(toCustomResource(data), headers);
      } catch (thrown) {
        const failure = asApiFailure(thrown);
        if (failure === undefined || !isObjectAbsent(failure)) throw thrown;
        return timed(undefined, failure.headers);
      }
    });
  }

  list(query: WorkspaceQuery): Promise<Timed<WorkspacePage>> {
    const { namespace, name, limit, continueToken } = query;
    const fieldSelector = name === undefined ? undefined : `metadata.name=${name}`;
    return this.#session.call('list workspaces', async ({ send }) => {
      const path = resourcePath({ apiVersion: workspaceApiVersion, plural: workspacePlural, namespace });
      const { data, headers } = await send({
        method: 'GET',
        path,
        query: { limit, continue: continueToken, fieldSelector },
      });
      return timed(toPage(data), headers);
    });
  }

  create(object: NewCustomResource): Promise<Timed<CustomResource>> {
    const { apiVersion, metadata } = object;
    return this.#session.call(`create workspace ${label(metadata)}`, async ({ send }) => {
      const path = resourcePath({ apiVersion, plural: workspacePlural, namespace: metadata.namespace });
      const { data, headers } = await send({ method: 'POST', path, query: { fieldManager }, body: object });
      return timed(toCustomResource(data), headers);
    });
  }

  replace(object: CustomResource): Promise<CustomResource> {
    return this.#put(object, pathOf(object.metadata, object.apiVersion));
  }

  replaceStatus(object: CustomResource): Promise<CustomResource> {
    return this.#put(object, `${pathOf(object.metadata, object.apiVersion)}/status`);
  }

  async patchObserved(
    name: ObjectName,
    uid: string,
    observed: Record<string, unknown>,
  ): Promise<CustomResource | undefined> {
    const body = { metadata: { uid }, status: { slipway: { observed } } };
    const contentType = this.#session.client.PatchStrategy.MergePatch;
    const query = { fieldManager: observerFieldManager };
    try {
      return await this.#session.find(`patch status of workspace ${label(name)}`, async ({ send }) => {
        const answer = await send({
          method: 'PATCH',
          path: `${pathOf(name)}/status`,
          query,
          body,
          contentType,
        });
        return toCustomResource(answer.data);
      });
    } catch (error) {
      // Another uid under this name shows as a conflict or, since uid is immutable, as an invalid change.
      if (isRefusal(error, ['Conflict', 'Invalid']) && (await this.#isOther(name, uid))) return undefined;
      throw error;
    }
  }

  async delete(name: ObjectName, uid?: string): Promise<boolean> {
    const body = {
      propagationPolicy: 'Background',
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    };
    try {
      const answer = await this.#session.find(`delete workspace ${label(name)}`, ({ send }) =>
        send({ method: 'DELETE', path: pathOf(name), body }),
      );
      return answer !== undefined;
    } catch (error) {
      if (uid !== undefined && isRefusal(error, ['Conflict']) && (await this.#isOther(name, uid)))
        return false;
      throw error;
    }
  }

  watch(
    name: ObjectName,
    options: { resourceVersion?: string; timeoutSeconds: number; signal: AbortSignal },
  ): AsyncIterable<WatchEvent> {
    const { namespace } = name;
    const path = resourcePath({ apiVersion: workspaceApiVersion, plural: workspacePlural, namespace });
    return watchObject(this.#session, { ...options, path, name: name.name });
  }

  #put(object: CustomResource, path: string): Promise<CustomResource> {
    return this.#session.call(`write workspace ${label(object.metadata)}`, async ({ send }) => {
      const { data } = await send({ method: 'PUT', path, query: { fieldManager }, body: object });
      return toCustomResource(data);
    });
  }

  /** Whether the record with this uid is gone, replaced under its name or not. */
  async #isOther(name: ObjectName, uid: string): Promise<boolean> {
    const { value } = await this.get(name);
    return value?.metadata.uid !== uid;
  }
}

function pathOf({ namespace, name }: ObjectName, apiVersion: string = workspaceApiVersion): string {
  return resourcePath({ apiVersion, plural: workspacePlural, namespace, name });
}

function label({ namespace, name }: ObjectName): string {
  return `${namespace}/${name}`;
}

function isRefusal(error: unknown, codes: readonly string[]): boolean {
  return error instanceof SlipwayError && codes.includes(error.code);
}

function toPage(data: unknown): WorkspacePage {
  const list = isRecord(data) ? data : {};
  const metadata = isRecord(list['metadata']) ? list['metadata'] : {};
  const { continue: continueToken, resourceVersion } = metadata;
  return {
    items: Array.isArray(list['items']) ? list['items'].map(toCustomResource) : [],
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    ...(typeof continueToken === 'string' && continueToken !== '' ? { continueToken } : {}),
  };
}
