import type * as client from '@kubernetes/client-node';

/**
 * The client's models as plain data. The client declares them as classes; what is rendered, compared and sent is JSON
 * of the same shape, which no constructor has touched.
 */
type Plain<T> = T extends Date | string | number | boolean | null | undefined
  ? T
  : T extends (infer Item)[]
    ? Plain<Item>[]
    : { [Key in keyof T]: Plain<T[Key]> };

export type V1Affinity = Plain<client.V1Affinity>;
export type V1ConfigMap = Plain<client.V1ConfigMap>;
export type V1Container = Plain<client.V1Container>;
export type V1DaemonSet = Plain<client.V1DaemonSet>;
export type V1EnvVar = Plain<client.V1EnvVar>;
export type V1Job = Plain<client.V1Job>;
export type V1LocalObjectReference = Plain<client.V1LocalObjectReference>;
export type V1NodeSelectorRequirement = Plain<client.V1NodeSelectorRequirement>;
export type V1NodeSelectorTerm = Plain<client.V1NodeSelectorTerm>;
export type V1ObjectMeta = Plain<client.V1ObjectMeta>;
export type V1OwnerReference = Plain<client.V1OwnerReference>;
export type V1PersistentVolumeClaim = Plain<client.V1PersistentVolumeClaim>;
export type V1PodSpec = Plain<client.V1PodSpec>;
export type V1PodTemplateSpec = Plain<client.V1PodTemplateSpec>;
export type V1Probe = Plain<client.V1Probe>;
export type V1ResourceRequirements = Plain<client.V1ResourceRequirements>;
export type V1Service = Plain<client.V1Service>;
export type V1ServicePort = Plain<client.V1ServicePort>;
export type V1StatefulSet = Plain<client.V1StatefulSet>;
export type V1Taint = Plain<client.V1Taint>;
export type V1Toleration = Plain<client.V1Toleration>;
export type V1Volume = Plain<client.V1Volume>;
export type V1VolumeMount = Plain<client.V1VolumeMount>;
