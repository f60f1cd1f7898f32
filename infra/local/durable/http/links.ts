import type { DurableHttpRequest } from '../../functions/contract.ts';

/** Links of one instance, as `createCheckStatusResponse` names them. */
export interface ManagementLinks {
  id: string;
  statusQueryGetUri: string;
  sendEventPostUri: string;
  terminatePostUri: string;
  purgeHistoryDeleteUri: string;
  restartPostUri: string;
  suspendPostUri: string;
  resumePostUri: string;
  rewindPostUri: string;
}

export function managementLinks(request: DurableHttpRequest, hubName: string, id: string): ManagementLinks {
  const code = request.query.get('code');
  const key = code === null ? '' : `&code=${encodeURIComponent(code)}`;
  const query = `taskHub=${encodeURIComponent(hubName)}&connection=Storage${key}`;
  const instance = `${request.origin}/runtime/webhooks/durabletask/instances/${encodeURIComponent(id)}`;
  return {
    id,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
  };
}
