/** Where tuning data and adapters come from and where results go: KAITO's DataSource and DataDestination. */
const volumeSource = {
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
  description: 'A Kubernetes volume source, such as persistentVolumeClaim.',
} as const;

const dataSource = {
  type: 'object',
  properties: {
    name: {
      type: 'string',
      description: 'DNS subdomain; names the container, the volume and the directory.',
    },
    urls: { type: 'array', items: { type: 'string' }, description: 'Files to download over HTTP or HTTPS.' },
    volumeSource,
    image: { type: 'string', description: 'Image that holds the data under /data.' },
    imagePullSecrets: {
      type: 'array',
      items: { type: 'string' },
      description: 'Secrets for pulling the image.',
    },
  },
} as const;

export const adapterSource = {
  ...dataSource,
  description: 'Where the adapter comes from: an image or a volume.',
} as const;
export const tuningInput = {
  ...dataSource,
  description: 'Training data: exactly one of urls, volumeSource, image.',
} as const;

export const tuningOutput = {
  type: 'object',
  description: 'Where the adapter goes: exactly one of volumeSource, image.',
  properties: {
    volumeSource,
    image: { type: 'string', description: 'Image to push.' },
    imagePushSecret: {
      type: 'string',
      description: 'Secret of type kubernetes.io/dockerconfigjson; needed with image.',
    },
  },
} as const;
