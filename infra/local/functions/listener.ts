/** What feeds one function with work. */
export interface Listener {
  start(): void;
  /** Takes no new work; resolves once messages in hand are settled, at once when there is nothing to settle. */
  stop(): Promise<void>;
}
