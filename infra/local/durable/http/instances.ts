/** One instance: its status, events, and the operations people and clients perform on it. */
import type { DurableHttpRequest, DurableHttpResponse } from '../../functions/contract.ts';
import { endInstance, forget, raiseEvent, resume, suspend } from '../lifecycle.ts';
import { parseHistoryEvent } from '../replay/history.ts';
import { hasEnded } from '../store/instances.ts';
import { findInstance, findLiveInstance, flag, jsonBody, type HttpParts } from './call.ts';
import { historyView } from './history-view.ts';
import { managementLinks } from './links.ts';
import { restart } from './orchestrators.ts';
import { HttpRefusal, emptyResponse, jsonResponse } from './response.ts';
import { statusView } from './status.ts';

export function getStatus(parts: HttpParts, request: DurableHttpRequest, id: string): DurableHttpResponse {
  const { query } = request;
  const instance = findInstance(parts, id);
  const history = flag(query, 'showHistory', false)
    ? historyView(parts.hub.history.list(id).map(parseHistoryEvent), flag(query, 'showHistoryOutput', false))
    : undefined;
  const view = statusView(instance, { showInput: flag(query, 'showInput', true), history });
  if (!hasEnded(instance)) {
    const { statusQueryGetUri } = managementLinks(request, parts.hubName, id);
    return jsonResponse(202, view, { location: statusQueryGetUri, 'retry-after': '5' });
  }
  const asError = instance.status === 'Failed' && flag(query, 'returnInternalServerErrorOnFailure', false);
  return jsonResponse(asError ? 500 : 200, view);
}

/** `DELETE instances/ID`: forgets an instance that has ended. */
export function purge({ hub }: HttpParts, id: string): DurableHttpResponse {
  const instance = hub.instances.find(id);
  if (instance === undefined || !hasEnded(instance))
    throw new HttpRefusal(404, `No ended instance with ID '${id}' found.`);
  hub.write(() => forget(hub, id));
  return jsonResponse(200, { instancesDeleted: 1 });
}

/** `POST instances/ID/OPERATION[/ARGUMENT]`. */
export function operate(
  parts: HttpParts,
  request: DurableHttpRequest,
  target: { id: string; operation: string; argument: string | undefined },
): DurableHttpResponse {
  const { id, operation, argument } = target;
  const { hub, clock } = parts;
  const reason = request.query.get('reason') ?? '';
  const now = clock.now();
  switch (operation) {
    case 'raiseevent':
      return raise(parts, request, { id, name: argument ?? '' });
    case 'terminate': {
      const instance = findLiveInstance(parts, id);
      hub.write(() => endInstance(hub, instance, { status: 'Terminated', reason, details: reason }, now));
      return emptyResponse(202);
    }
    case 'suspend': {
      const instance = findLiveInstance(parts, id);
      if (!instance.suspended) hub.write(() => suspend(hub, instance, reason, now));
      return emptyResponse(202);
    }
    case 'resume': {
      const instance = findLiveInstance(parts, id);
      if (instance.suspended) hub.write(() => resume(hub, instance, reason, now));
      return emptyResponse(202);
    }
    case 'restart':
      return restart(parts, request, id);
    case 'rewind':
      return refuseRewind(parts, id);
    default:
      throw new HttpRefusal(404, `There is no operation '${operation}' on instances.`);
  }
}

function raise(
  parts: HttpParts,
  request: DurableHttpRequest,
  target: { id: string; name: string },
): DurableHttpResponse {
  const { hub, clock } = parts;
  const { id, name } = target;
  if (name === '')
    throw new HttpRefusal(400, 'The event name is missing: POST instances/ID/raiseEvent/NAME.');
  if (/^\d+$/.test(name)) {
    // The SDK keeps events and task results in one table: event "3" would answer task 3, in Azure silently.
    throw new HttpRefusal(
      400,
      `Event name '${name}' must not be a number: the SDK would take it for the result of task ${name}.`,
    );
  }
  findLiveInstance(parts, id);
  const input = jsonBody(request);
  hub.write(() => raiseEvent(hub, id, { name, input }, clock.now()));
  return emptyResponse(202);
}

/** Answers a bare text: the client makes it the message of the error it throws. */
function refuseRewind({ hub }: HttpParts, id: string): DurableHttpResponse {
  if (hub.instances.find(id) === undefined) return jsonResponse(404, `No instance with ID '${id}' found.`);
  const remedy =
    'The local Durable engine does not support the rewind operation; restart the instance instead.';
  return jsonResponse(501, remedy);
}
