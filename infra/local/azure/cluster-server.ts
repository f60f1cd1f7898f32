import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startClusterBehaviour } from '../cluster/cluster-behaviour.ts';
import type { ClusterBehaviour } from '../cluster/cluster-behaviour.ts';
import { createKubernetesApi } from '../kubernetes/server.ts';
import type { KubernetesApi } from '../kubernetes/server.ts';
import type { LoopbackCertificates } from '../platform/certificates.ts';
import { developmentToken, kubeconfig } from './credentials.ts';
import { karpenterCloud } from './karpenter-cloud.ts';
import { PoolMachines } from './machine-source.ts';
import { clusterId } from './resource-ids.ts';
import type { AzureContext, ClusterSetting } from './settings.ts';
import { listenTls } from './tls-listener.ts';
import type { TlsListener } from './tls-listener.ts';

/** One simulated cluster: its API server on loopback, and all that moves in it. */
export class ClusterServer {
  readonly name: string;
  readonly resourceId: string;
  readonly api: KubernetesApi;
  readonly kubeconfigFile: string;
  readonly #listener: TlsListener;
  readonly #behaviour: ClusterBehaviour;
  readonly #machines: PoolMachines;
  readonly #context: AzureContext;

  private constructor(parts: {
    name: string;
    context: AzureContext;
    api: KubernetesApi;
    listener: TlsListener;
    behaviour: ClusterBehaviour;
    machines: PoolMachines;
    kubeconfigFile: string;
  }) {
    this.name = parts.name;
    this.resourceId = clusterId(parts.context, parts.name);
    this.api = parts.api;
    this.kubeconfigFile = parts.kubeconfigFile;
    this.#context = parts.context;
    this.#listener = parts.listener;
    this.#behaviour = parts.behaviour;
    this.#machines = parts.machines;
  }

  /** Opens the cluster's data, resumes its controllers and listens on `port` (0: any). */
  static async start(
    context: AzureContext,
    setting: Pick<ClusterSetting, 'name' | 'nodeProvisioning'> & { port: number; dataDirectory: string },
    certificates: LoopbackCertificates,
  ): Promise<ClusterServer> {
    const { name, port, dataDirectory, nodeProvisioning = 'Manual' } = setting;
    const { clock, timings } = context;
    const { faults } = context.state;
    mkdirSync(dataDirectory, { recursive: true });
    const api = createKubernetesApi({
      clock,
      file: join(dataDirectory, `cluster-${name}.sqlite`),
      clusterName: name,
    });
    const machines = new PoolMachines(context, name);
    const karpenter =
      nodeProvisioning === 'Manual'
        ? {}
        : {
            karpenter: {
              cloud: karpenterCloud(context, name),
              staticCapacity: nodeProvisioning === 'Auto',
            },
          };
    const parts = { name, clock, store: api.store, timings, faults, machines };
    const behaviour = startClusterBehaviour({ ...parts, ...karpenter });
    api.addRoute((exchange) => behaviour.handleRoute(exchange));
    const setFaults = (): void => api.setFaults(faults.rules().kubernetes);
    setFaults();
    faults.onChange(setFaults);
    const listener = await listenTls(certificates, port, clock, (request, response) =>
      api.handle(request, response),
    );
    const kubeconfigFile = join(dataDirectory, `kubeconfig-${name}.yaml`);
    const server = new ClusterServer({ name, context, api, listener, behaviour, machines, kubeconfigFile });
    server.followCloud();
    return server;
  }

  get url(): string {
    return this.#listener.url;
  }

  /** Writes a kubeconfig that kubectl takes as it is: server, CA and the development token. */
  writeKubeconfig(): void {
    const text = kubeconfig(this.#context, this.name, { token: developmentToken });
    writeFileSync(this.kubeconfigFile, text, { mode: 0o600 });
  }

  /** Takes over what changed in Azure: machines, and whether the cluster runs at all. */
  followCloud(): void {
    const record = this.#context.state.clusters.get(this.name);
    const running = record?.powerState === 'Running' && !record.deleted;
    this.#machines.refresh();
    this.#behaviour.setPaused(!running);
    if (running) {
      this.#listener.resume();
      this.#behaviour.machinesChanged();
    } else {
      this.#listener.suspend();
    }
  }

  /** True when nothing can happen before the clock moves. Under a delay fault requests may themselves wait for the clock. */
  idle(): boolean {
    const delays = this.api.faults().some(({ action }) => action === 'delay');
    return (delays || this.#listener.inFlight() === 0) && this.#behaviour.idle();
  }

  async stop(): Promise<void> {
    this.#behaviour.stop();
    await this.#listener.close();
    this.api.close();
  }
}
