import type { KubeConfig, RequestContext, User } from '@kubernetes/client-node';
import type { AccessDocument } from './access.ts';
import type { KubernetesClient } from './client-node.ts';

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

/**
 * A KubeConfig that keeps its connections: client-node makes a new dispatcher, hence new TCP and TLS connections, for every request,
 * and a function app runs out of outbound ports that way. It also gives every call a time limit and, where the kubeconfig's user has
 * no credential of its own, a fresh bearer token.
 */
export function createKubeConfig(
  client: KubernetesClient,
  document: AccessDocument,
  timeoutMilliseconds: number,
): KubeConfig {
  class ClusterKubeConfig extends client.KubeConfig {
    /** Asked before every request; undefined when the user signs in by itself. */
    token: (() => Promise<string>) | undefined;
    #dispatcher: Dispatcher | undefined;

    override async applySecurityAuthentication(context: RequestContext): Promise<void> {
      await super.applySecurityAuthentication(context);
      this.#dispatcher ??= context.getDispatcher();
      if (this.#dispatcher !== undefined) context.setDispatcher(this.#dispatcher);
      if (this.token !== undefined) context.setHeaderParam('Authorization', `Bearer ${await this.token()}`);
      context.setSignal(AbortSignal.timeout(timeoutMilliseconds));
    }
  }
  const config = new ClusterKubeConfig();
  config.loadFromString(document.kubeconfig);
  if (document.directory !== undefined) config.makePathsAbsolute(document.directory);
  const user = config.getCurrentUser();
  if (document.token !== undefined && !signsIn(user)) {
    config.token = document.token;
    // An exec section would be run first, and needs kubelogin on PATH, which a Function has not.
    config.users = config.users.map((one) => (one.name === user?.name ? { name: one.name } : one));
  }
  return config;
}

/** A client certificate or a static token: how AKS writes users of clusters without Entra ID. */
function signsIn(user: User | null): boolean {
  return user !== null && [user.certData, user.certFile, user.token].some((value) => value !== undefined);
}
