import type { GpuProblem } from '../kubernetes/cluster.ts';

const kept = 'The nodes are kept and billed until the workspace is deleted.';

/** What a person does about nodes that offer no GPU. Each begins with the step that is missing. */
export function gpuRemedy(problem: GpuProblem | undefined): string {
  switch (problem?.reason) {
    case 'DevicePluginAbsent':
      return `Install NVIDIA's device plugin: Slipway applies its DaemonSet nvidia-device-plugin-daemonset to kube-system every ten minutes, so look who removes it, or which policy refuses it. ${kept}`;
    case 'DevicePluginNotScheduled':
      return `Give the DaemonSet of the device plugin a toleration for that taint, or the node the label that it selects; or take the taint off. ${kept}`;
    case 'DevicePluginFailing':
      return `kubectl describe and kubectl logs of that pod say why it does not run; where its image cannot be pulled, look at registry, firewall and pull secrets. ${kept}`;
    case 'DriverMissing':
      return `Look for the NVIDIA driver on the node: the agent pool must have gpuProfile.driver Install, or the GPU operator must install one; kubectl debug node/NAME and nvidia-smi tell. ${kept}`;
    case undefined:
      return `Check the NVIDIA driver (gpuProfile.driver Install) and the pods of the device plugin DaemonSet in kube-system. ${kept}`;
  }
}
