/** Under `npm start` one Ctrl-C arrives twice: from the terminal, and passed on by npm. */
const echoMilliseconds = 1_000;

/** Resolves with the first SIGINT or SIGTERM. A later one ends the process at once, as people expect of Ctrl-C. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (first === undefined) {
          first = performance.now();
          resolve(signal);
        } else if (performance.now() - first > echoMilliseconds) process.exit(1);
      });
    }
  });
}
