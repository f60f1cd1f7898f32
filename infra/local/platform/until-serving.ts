import { setTimeout as pause } from 'node:timers/promises';

/** Real milliseconds; a fresh cluster is prepared well within this, at any speed. */
const patience = 30_000;
const betweenLooks = 200;

/**
 * Waits until the app says by `/api/healthz` that it can take requests: a fresh cluster has no CRD in the first seconds. An app
 * without that route is taken as serving. Returns false when patience ends first.
 */
export async function untilServing(functionsUrl: string): Promise<boolean> {
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    const status = await fetch(`${functionsUrl}/api/healthz`).then(
      (response) => response.status,
      // The host may be restarting; it is asked again.
      () => undefined,
    );
    if (status === 200 || status === 404) return true;
    await pause(betweenLooks);
  }
  return false;
}
