import type { Scheduled } from '../../clock/clock.ts';
import type { Machinery } from '../writes/machinery.ts';
import { concernsCollector, GarbageCollector } from './garbage-collector.ts';
import { finishCustomResources } from '../resources/crd-controller.ts';
import { finishNamespaces } from './namespace-controller.ts';

/** Passes after which a graph that still changes is a defect, not work. */
const longestRun = 1_000;

/**
 * Runs what the API server's own controllers do after a write (garbage collection, namespace and CRD termination), never within the
 * write. Starts with one run, which picks up what a killed process left undone.
 */
export class Reconciler {
  readonly #machinery: Machinery;
  readonly #collector: GarbageCollector;
  readonly #unsubscribe: () => void;
  #scheduled: Scheduled | undefined;

  constructor(machinery: Machinery) {
    this.#machinery = machinery;
    this.#collector = new GarbageCollector(machinery);
    this.#unsubscribe = machinery.table.subscribe((change) => {
      if (concernsCollector(change)) this.#soon();
    });
    this.#soon();
  }

  close(): void {
    this.#unsubscribe();
    this.#scheduled?.cancel();
  }

  #soon(): void {
    const { clock } = this.#machinery;
    this.#scheduled ??= clock.schedule(clock.now(), () => {
      try {
        this.#run();
      } finally {
        // Cleared only now: the run's own writes need no further run.
        this.#scheduled = undefined;
      }
    });
  }

  #run(): void {
    for (let pass = 0; pass < longestRun; pass++) {
      const collected = this.#collector.collect();
      const finishedNamespaces = finishNamespaces(this.#machinery);
      const finishedResources = finishCustomResources(this.#machinery);
      if (!collected && !finishedNamespaces && !finishedResources) return;
    }
    throw new Error(`garbage collection did not settle in ${longestRun} passes`);
  }
}
