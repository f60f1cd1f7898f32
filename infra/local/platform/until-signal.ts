/** Resolves with the first SIGINT or SIGTERM. A second one ends the process at once, as people expect of Ctrl-C. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM'] as const;
    let seen = false;
    for (const signal of signals) {
      process.on(signal, () => {
        if (seen) process.exit(1);
        seen = true;
        resolve(signal);
      });
    }
  });
}
