import { estimateNodes } from './estimate.ts';
import { gpuSizes } from './gpu-size-table.ts';
import { precisionFor } from './precision.ts';
import type { ModelFacts } from './model-facts.ts';

/** How many alternatives a message names. */
const named = 3;
/** More nodes than this are named only where fewer will not do: each further stage of a pipeline costs time. */
const reasonableNodes = 4;

export interface FittingSize {
  name: string;
  nodes: number;
  /** US dollars an hour for all nodes. */
  hourlyPrice: number;
}

/** The cheapest sizes that Azure still offers and that hold a model with its context, cheapest first. NVIDIA only: the serving image is. */
export function cheapestSizes(model: ModelFacts, contextTokens: number): FittingSize[] {
  const fitting: FittingSize[] = [];
  for (const size of gpuSizes) {
    if (size.retired === true || size.azureName !== undefined || size.computeCapability === undefined)
      continue;
    if (!precisionFor(model, size).ok) continue;
    const estimate = estimateNodes({ model, gpus: size, contextTokens });
    if (!estimate.fits) continue;
    fitting.push({ name: size.name, nodes: estimate.nodes, hourlyPrice: estimate.nodes * size.hourlyPrice });
  }
  const reasonable = fitting.filter(({ nodes }) => nodes <= reasonableNodes);
  return (reasonable.length < named ? fitting : reasonable)
    .sort((one, other) => one.hourlyPrice - other.hourlyPrice || one.nodes - other.nodes)
    .slice(0, named);
}

/** `Standard_A (1 node), Standard_B (2 nodes)`; says so when nothing fits. */
export function describeSizes(sizes: readonly FittingSize[]): string {
  if (sizes.length === 0) return 'none of the known instance types';
  return sizes.map(({ name, nodes }) => `${name} (${nodes} ${nodes === 1 ? 'node' : 'nodes'})`).join(', ');
}
