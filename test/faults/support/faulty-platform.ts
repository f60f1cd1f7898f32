/** The harness as fault tests use it: ready for workspaces, faults set in one line, invariants checked while time moves. */
import type { FaultRulesInput } from '../../../infra/local/azure/fault-rules.ts';
import type { HarnessOptions } from '../../harness/platform.ts';
import { PlatformHarness } from '../../harness/platform.ts';
import { objectsOf, phaseOf, pools, readState, workspaceDocument } from '../../harness/workspaces.ts';
import type { WorkspaceOptions, WorkspaceState } from '../../harness/workspaces.ts';
import { InvariantWatch } from './invariants.ts';
import { findSecrets } from './secrets.ts';

const mostAttempts = 20;
/** Real milliseconds; the first delays of a message that is put off are 5, 10 and 20 s. */
const longestRedelivery = 170_000;

export class FaultyPlatform {
  readonly harness: PlatformHarness;
  readonly #watch: InvariantWatch;
  /** Every HTTP answer a test has had: none may hold a secret. */
  readonly #answers: string[] = [];

  private constructor(harness: PlatformHarness) {
    this.harness = harness;
    this.#watch = new InvariantWatch(harness);
  }

  /** Starts everything and waits until the doors are open. */
  static async start(options: HarnessOptions = {}): Promise<FaultyPlatform> {
    const platform = new FaultyPlatform(await PlatformHarness.start(options));
    await platform.until('the CRD is installed', async () => (await platform.get('/healthz')).status === 200);
    return platform;
  }

  async stop(): Promise<void> {
    await this.harness.stop();
  }

  /** Replaces all faults. */
  faults(rules: FaultRulesInput): void {
    this.harness.azure.faults.set(rules);
  }

  heal(): void {
    this.harness.azure.faults.clear();
  }

  /** Like the harness's `until`, with invariant I1 held at every step. */
  async until(what: string, condition: () => boolean | Promise<boolean>, steps = 1500): Promise<void> {
    const checked = async (): Promise<boolean> => {
      await this.#watch.check();
      return condition();
    };
    await this.harness.until(what, checked, steps);
  }

  async untilPhase(name: string, ...phases: string[]): Promise<void> {
    await this.until(`${name} ${phases.join(' or ')}`, () => phases.includes(phaseOf(this.harness, name)));
  }

  /** Until each has one of these phases. */
  async untilAll(names: readonly string[], ...phases: string[]): Promise<void> {
    const waits = (): string[] => names.filter((name) => !phases.includes(phaseOf(this.harness, name)));
    await this.until(`${names.join(', ')} ${phases.join(' or ')}`, () => waits().length === 0);
  }

  async get(path: string): Promise<Answer> {
    return this.#ask('GET', path);
  }

  /** Asks as a patient client does: again after Retry-After when the answer is 503, or a conflict that passes. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#ask(method, path, body);
      const seconds = answer.headers.get('retry-after');
      if (seconds === null || attempt === mostAttempts) return answer;
      await this.harness.pass(Number(seconds));
    }
  }

  /** Posts a workspace as a patient client does. */
  async submit(name: string, options?: WorkspaceOptions): Promise<void> {
    const answer = await this.ask('POST', '/workspaces', workspaceDocument(name, options));
    if (answer.status !== 202) throw new Error(`post of ${name}: ${answer.status} ${answer.text}`);
  }

  /** Waits, in real time as the broker keeps it, until no message is put off any more. */
  async redelivered(): Promise<void> {
    const deadline = Date.now() + longestRedelivery;
    while (this.harness.broker.queueDepths().some(({ scheduled }) => scheduled > 0)) {
      if (Date.now() > deadline) throw new Error(`messages still put off\n${this.harness.tail()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await this.harness.quiet();
  }

  /** Posts a workspace; answers as they come. */
  async post(name: string, options?: WorkspaceOptions): Promise<Answer> {
    return this.#ask('POST', '/workspaces', workspaceDocument(name, options));
  }

  async put(name: string, options?: WorkspaceOptions): Promise<Answer> {
    return this.#ask('PUT', `/workspaces/default/${name}`, workspaceDocument(name, options));
  }

  async delete(name: string): Promise<Answer> {
    return this.#ask('DELETE', `/workspaces/default/${name}`);
  }

  /** What a user does after mending the cause: a new value of the retry annotation. */
  async retry(name: string, options: WorkspaceOptions = {}): Promise<void> {
    const annotations = { ...options.annotations, 'slipway.dev/retry': String(this.harness.clock.now()) };
    const answer = await this.put(name, { ...options, annotations });
    if (answer.status !== 202) throw new Error(`retry of ${name}: ${answer.status} ${answer.text}`);
  }

  state(name: string): WorkspaceState | undefined {
    return readState(this.harness, name);
  }

  /** Deletes these workspaces and demands that nothing of them is left (I2). */
  async deleteCleanly(...names: string[]): Promise<void> {
    for (const name of names) {
      const answer = await this.ask('DELETE', `/workspaces/default/${name}`);
      if (answer.status !== 202) throw new Error(`delete of ${name}: ${answer.status} ${answer.text}`);
    }
    await this.untilAll(names, 'Gone');
    const left = names.flatMap((name) => objectsOf(this.harness, name));
    if (left.length > 0) throw new Error(`left in the cluster after the delete: ${left.join(', ')}`);
    const uids = new Set(names.map((name) => this.#watch.uidOf(name)));
    const held = (await pools(this.harness)).filter(({ uid }) => uids.has(uid));
    if (held.length > 0) throw new Error(`left in Azure after the delete: ${JSON.stringify(held)}`);
  }

  /** Names of the agent pools in Azure that belong to this workspace. */
  async poolsOf(name: string): Promise<string[]> {
    const uid = this.#watch.uidOf(name);
    return (await pools(this.harness)).filter((pool) => pool.uid === uid).map((pool) => pool.name);
  }

  /** An operation on the cluster itself, as its owner asks ARM for it: `stop`, `start`, or deletion. */
  async operateCluster(method: 'POST' | 'DELETE', action = ''): Promise<void> {
    const { armUrl } = this.harness.azure;
    const url = `${armUrl}${this.harness.cluster.resourceId}${action}?api-version=2025-05-01`;
    const response = await fetch(url, { method, headers: { authorization: 'Bearer development' } });
    if (response.status !== 202) throw new Error(`${method} ${url}: ${response.status}`);
  }

  /** Ids of the orchestrations that run. */
  async runningOrchestrations(): Promise<string[]> {
    const url = `${this.harness.host.url}/runtime/webhooks/durabletask/instances?top=100&runtimeStatus=Running,Pending`;
    const instances: unknown = await (await fetch(url)).json();
    if (!Array.isArray(instances)) throw new Error(`no list of instances: ${JSON.stringify(instances)}`);
    return instances.map(({ instanceId }: { instanceId: string }) => instanceId).sort();
  }

  /** Names of our agent pools that Azure is working on. */
  async busyPools(): Promise<string[]> {
    const busy = ['Creating', 'Updating', 'Scaling', 'Deleting'];
    return (await pools(this.harness)).filter(({ state }) => busy.includes(state)).map(({ name }) => name);
  }

  /** Places where a secret can be read (I7): logs, records, answers. */
  secretsTold(): string[] {
    const records = this.harness.store.list({ group: 'kaito.sh', version: 'v1beta1', plural: 'workspaces' });
    return [
      ...findSecrets('log', this.harness.logLines),
      ...findSecrets('answer', this.#answers),
      ...findSecrets(
        'record',
        records.map((record) => JSON.stringify(record)),
      ),
    ];
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.harness.request(method, path, body);
    this.#answers.push(answer.text);
    return answer;
  }
}

type Answer = Awaited<ReturnType<PlatformHarness['request']>>;
