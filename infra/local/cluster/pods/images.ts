import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { parseNode, readNode } from '../objects/node.ts';
import { resources } from '../objects/resource-types.ts';
import type { Timings } from '../timings.ts';

/** Seconds to pull an image onto a machine that has none of it. */
export function pullSeconds(image: string, { images, pods }: Timings): number {
  return pods.imagePullBase + imageGiB(image, { images, pods }) * pods.imagePullPerGiB;
}

function imageGiB(image: string, { images, pods }: Pick<Timings, 'images' | 'pods'>): number {
  return Object.entries(images).find(([part]) => image.includes(part))?.[1] ?? pods.defaultImageGiB;
}

/** Which of `wanted` the node does not have yet. */
export function missingImages(node: StoredObject, wanted: string[]): string[] {
  const present = new Set(readNode(node).status.images.flatMap(({ names }) => names));
  return [...new Set(wanted)].filter((image) => !present.has(image));
}

/** Notes on the node that it has these images now, so that the next pod with one starts without a pull. */
export function addImages({ store, timings }: ClusterContext, node: string, pulled: string[]): void {
  store.mutateStatus(resources.nodes, { name: node }, (stored) => {
    const { images } = parseNode(stored).status;
    const added = pulled.map((image) => ({
      names: [image],
      sizeBytes: Math.round(imageGiB(image, timings) * 2 ** 30),
    }));
    stored['status'] = { ...z.looseObject({}).parse(stored['status']), images: [...images, ...added] };
  });
}
