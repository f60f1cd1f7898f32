/**
 * The platform's one sense of time. Durable timers, function timers, ARM operations and Kubernetes controllers
 * all run on it; sockets and Service Bus message locks stay in real time.
 */
export interface Clock {
  /** Virtual milliseconds since the Unix epoch. */
  now(): number;
  /** What `now()` answered at a real moment (epoch milliseconds) of this process's past: Service Bus stamps messages in real time. */
  virtualAt(real: number): number;
  /** Runs `action` once virtual time has reached `at` (epoch milliseconds; the past means at once, never synchronously). */
  schedule(at: number, action: () => void): Scheduled;
}

/** A pending action; `cancel` is idempotent. */
export interface Scheduled {
  cancel(): void;
}

/** Virtual time now, as the ISO text that Kubernetes and ARM use (milliseconds kept). */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
