import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { repository } from '../../../../infra/build.ts';

const queues = z.looseObject({
  UserConfig: z.looseObject({
    Namespaces: z.array(
      z.looseObject({
        Queues: z.array(z.looseObject({ Name: z.string(), Properties: z.looseObject({}) })),
      }),
    ),
  }),
});

/**
 * The platform's queues with locks of 5 s, the shortest that Service Bus allows: what a killed host held comes back
 * soon. Every kill may cost a delivery, so there are more of those too.
 */
export function shortLockQueues(): unknown {
  const file = join(repository, 'infra/local/servicebus/queues.json');
  const configuration = queues.parse(JSON.parse(readFileSync(file, 'utf8')));
  for (const { Queues } of configuration.UserConfig.Namespaces) {
    for (const { Properties } of Queues)
      Object.assign(Properties, { LockDuration: 'PT5S', MaxDeliveryCount: 100 });
  }
  return configuration;
}
