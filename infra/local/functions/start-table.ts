import type { HostFunction } from './invoker.ts';
import type { HostLog } from './log.ts';

/** Logs the `Functions:` block that `func start` prints: HTTP functions with their methods and URL, then the others. */
export function logFunctionTable(
  functions: readonly HostFunction[],
  invokeUrl: (fn: HostFunction) => string | undefined,
  log: HostLog,
): void {
  const lines = functions.map((fn) => {
    const url = invokeUrl(fn);
    if (url === undefined) return `\t${fn.name}: ${fn.trigger.type}`;
    const { methods } = fn.trigger.options;
    return `\t${fn.name}: [${Array.isArray(methods) ? methods.join(',') : 'GET,POST'}] ${url}`;
  });
  const isHttp = (line: string): boolean => line.includes(': [');
  const ordered = [...lines.filter(isHttp).sort(), ...lines.filter((line) => !isHttp(line)).sort()];
  log('information', 'Functions', `Functions:\n${ordered.join('\n')}`);
}
