import type { InvocationContext } from '@azure/functions';
import type { Logger } from '../shared/telemetry/logger.ts';
import { createLogger } from '../shared/telemetry/logger.ts';

/** A structured log that writes through the invocation it belongs to. Secrets are redacted before a line gets here. */
export function logFor(context: InvocationContext): Logger {
  return createLogger(({ level, message, fields }) => {
    const line = `${message} ${JSON.stringify(fields)}`;
    switch (level) {
      case 'debug':
        context.debug(line);
        return;
      case 'info':
        context.info(line);
        return;
      case 'warn':
        context.warn(line);
        return;
      case 'error':
        context.error(line);
        return;
    }
  });
}
