import { app } from 'durable-functions';
import type { Steps } from './run.ts';
import { Run } from './run.ts';

/** Registers an orchestrator whose steps are written against {@link Run}. */
export function registerOrchestrator<Input extends object>(
  name: string,
  steps: (run: Run<Input>) => Steps<string>,
): void {
  app.orchestration(name, (context) => steps(new Run<Input>(context)));
}
