import { Retryable, SlipwayError } from '../errors/slipway-error.ts';
import type { Refusal } from '../planning/refusal.ts';
import { refusalKey, withRefusals } from '../planning/refusal.ts';
import type { Refusals } from './cluster.ts';
import { managedBy, managedByLabel, systemNamespace } from './labels.ts';
import { readRefusal } from './read-refusal.ts';
import { resourcePath } from './resource-path.ts';
import type { Session } from './session.ts';

const namespace = systemNamespace;
const name = 'slipway-refusals';
const collection = { apiVersion: 'v1', plural: 'configmaps', namespace };
/** One key holds the list as JSON: it is read and written as a whole. */
const dataKey = 'refusals.json';
/** Pool operations of one tick run at once and may all be refused; each loser reads again. */
const attempts = 8;

/** Remembered refusals in one ConfigMap, written by compare-and-set. */
export class RefusalMap implements Refusals {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async list(now: string): Promise<Refusal[]> {
    return withRefusals((await this.#read())?.refusals ?? [], [], now);
  }

  remember(refusals: readonly Refusal[], now: string): Promise<void> {
    return this.#change((known) => withRefusals(known, refusals, now));
  }

  forget(refusals: readonly Refusal[], now: string): Promise<void> {
    const keys = new Set(refusals.map(refusalKey));
    return this.#change((known) =>
      withRefusals(
        known.filter((one) => !keys.has(refusalKey(one))),
        [],
        now,
      ),
    );
  }

  async #change(change: (known: readonly Refusal[]) => Refusal[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#write(change);
        return;
      } catch (error) {
        const raced = error instanceof SlipwayError && ['AlreadyExists', 'Conflict'].includes(error.code);
        if (!raced) throw error;
        if (attempt === attempts) throw new Retryable('Conflict', { message: error.message, cause: error });
      }
    }
  }

  async #write(change: (known: readonly Refusal[]) => Refusal[]): Promise<void> {
    const stored = await this.#read();
    const metadata = {
      name,
      namespace,
      labels: { [managedByLabel]: managedBy },
      ...(stored === undefined ? {} : { uid: stored.uid, resourceVersion: stored.resourceVersion }),
    };
    const data = { [dataKey]: JSON.stringify(change(stored?.refusals ?? [])) };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
    await this.#session.call('write the remembered refusals', ({ send }) =>
      stored === undefined
        ? send({ method: 'POST', path: resourcePath(collection), body })
        : send({ method: 'PUT', path: resourcePath({ ...collection, name }), body }),
    );
  }

  async #read(): Promise<StoredRefusals | undefined> {
    const map = await this.#session.find('read the remembered refusals', ({ core }) =>
      core.readNamespacedConfigMap({ name, namespace }),
    );
    return map === undefined ? undefined : toStored(map);
  }
}

/** What is read of a ConfigMap. */
interface ConfigMapFacts {
  metadata?: { uid?: string; resourceVersion?: string };
  data?: Record<string, string>;
}

interface StoredRefusals {
  uid: string;
  resourceVersion: string;
  refusals: Refusal[];
}

function toStored({ metadata, data }: ConfigMapFacts): StoredRefusals {
  const { uid = '', resourceVersion = '' } = metadata ?? {};
  return { uid, resourceVersion, refusals: readRefusals(data?.[dataKey]) };
}

/** What a hand edit broke is forgotten: Azure tells it again. */
function readRefusals(text: string | undefined): Refusal[] {
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map(readRefusal).filter((one) => one !== undefined) : [];
  } catch {
    return []; // as above
  }
}
