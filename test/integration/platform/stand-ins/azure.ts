import { standIn } from './stand-in.ts';

standIn((port) => ({
  armUrl: `https://127.0.0.1:${port}`,
  pricesUrl: `https://127.0.0.1:${port}`,
  caFile: '/tmp/ca.pem',
  clusters: [
    {
      name: 'demo',
      resourceId:
        '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/demo',
      kubernetesUrl: `https://127.0.0.1:${port}/k8s`,
      kubeconfigFile: '/tmp/kubeconfig',
    },
  ],
}));
