import type { TypedData } from '../contract.ts';

/** Path of the Durable HTTP API below a host's URL. */
export const durableWebhooks = '/runtime/webhooks/durabletask/';

export interface DurableClientSettings {
  hubName: string;
  /** Origin of the host that serves the webhooks, such as `http://localhost:7071`. */
  origin: string;
  /** Where the client sends its calls; ends in a slash. */
  rpcBaseUrl: string;
  /** The key that the webhooks ask for, when keys are checked. */
  key: string | undefined;
}

/** Value of a `durableClient` input binding, as the Durable extension gives it to `df.getClient`. */
export function durableClientBinding({ hubName, origin, rpcBaseUrl, key }: DurableClientSettings): TypedData {
  const base = `${origin}${durableWebhooks.slice(0, -1)}`;
  const code = key === undefined ? '' : `code=${encodeURIComponent(key)}`;
  const required = `taskHub=${hubName}&connection=Storage${code === '' ? '' : `&${code}`}`;
  const start = `${base}/orchestrators/{functionName}[/{instanceId}]`;
  const instance = `${base}/instances/INSTANCEID`;
  const withReason = (operation: string): string => `${instance}/${operation}?reason={text}&${required}`;
  return {
    string: JSON.stringify({
      taskHubName: hubName,
      creationUrls: {
        createNewInstancePostUri: `${start}?${code}`,
        createAndWaitOnNewInstancePostUri: `${start}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
      },
      managementUrls: {
        id: 'INSTANCEID',
        statusQueryGetUri: `${instance}?${required}`,
        sendEventPostUri: `${instance}/raiseEvent/{eventName}?${required}`,
        terminatePostUri: withReason('terminate'),
        rewindPostUri: withReason('rewind'),
        purgeHistoryDeleteUri: `${instance}?${required}`,
        restartPostUri: `${instance}/restart?${required}`,
        suspendPostUri: withReason('suspend'),
        resumePostUri: withReason('resume'),
      },
      baseUrl: base,
      requiredQueryStringParameters: code,
      rpcBaseUrl,
    }),
  };
}
