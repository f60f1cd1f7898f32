import type { Endpoints } from './endpoints.ts';

/** Paths hold no quotes here, but may hold spaces. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text}'`);

/** What a user can paste into another terminal to try the running platform. */
export function readyCommands(endpoints: Endpoints): string {
  const { functionsUrl, caFile, clusters, stateDirectory } = endpoints;
  const workspaces = `${functionsUrl}/api/workspaces`;
  const one = `${workspaces}/default/workspace-phi-3-mini`;
  const [cluster] = clusters;
  const service = `${cluster?.kubernetesUrl ?? ''}/api/v1/namespaces/default/services/workspace-phi-3-mini:80/proxy`;
  const file = 'examples/workspace-phi-3-mini.yaml';
  return [
    'Post a workspace, by HTTP or by queue:',
    `  curl -X POST ${workspaces} -H 'Content-Type: application/yaml' --data-binary @${file}`,
    `  npx node infra/local/platform/send.ts --state ${quoted(stateDirectory)} --queue workspace-created ${file}`,
    'See how it does:',
    `  curl ${one}`,
    `  curl ${one}/events`,
    `  curl -N '${one}?watch=true'`,
    `  kubectl --kubeconfig ${quoted(cluster?.kubeconfigFile ?? '')} get workspaces,pods,nodes`,
    'Ask the model, once WORKSPACESUCCEEDED is True:',
    `  curl --cacert ${quoted(caFile)} -H 'Authorization: Bearer development' ${service}/v1/chat/completions \\`,
    `    -H 'Content-Type: application/json' -d '{"model":"phi-3-mini-4k-instruct","messages":[{"role":"user","content":"Hello"}]}'`,
    'Delete it:',
    `  curl -X DELETE ${one}`,
  ].join('\n');
}

/** What runs where. */
export function endpointLines(endpoints: Endpoints): string {
  const rows: [string, string][] = [
    ['Functions', endpoints.functionsUrl],
    ['Admin', endpoints.adminUrl],
    ['Service Bus', endpoints.serviceBusConnectionString],
    ['ARM', endpoints.armUrl],
    ...endpoints.clusters.map(({ name, kubernetesUrl }): [string, string] => [
      `Cluster ${name}`,
      kubernetesUrl,
    ]),
    ['CA to trust', endpoints.caFile],
    ['State and logs', endpoints.stateDirectory],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(15)} ${value}`).join('\n');
}
