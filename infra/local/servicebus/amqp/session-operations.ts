import { missing, type Operation, requireInteger, requireText } from './operation.ts';
import { binary, list, lookUp, map, nothing, text, int, timestamp } from './value.ts';

const renewSession: Operation = ({ queue, body }) => ({
  body: map({ expiration: timestamp(queue.renewSession(requireText(body, 'session-id'))) }),
});

const getState: Operation = ({ queue, body }) => {
  const state = queue.sessionState(requireText(body, 'session-id'));
  return { body: map({ 'session-state': state === null ? nothing : binary(state) }) };
};

const setState: Operation = ({ queue, body }) => {
  const state = lookUp(body, 'session-state') ?? nothing;
  if (state.type !== 'binary' && state.type !== 'null') missing('session-state');
  queue.setSessionState(
    requireText(body, 'session-id'),
    state.type === 'binary' ? Buffer.from(state.value) : null,
  );
  return { body: map({}) };
};

const listSessions: Operation = ({ queue, body }) => {
  const skip = requireInteger(body, 'skip');
  const sessions = queue
    .listSessions(requireInteger(body, 'last-updated-time'))
    .slice(skip, skip + requireInteger(body, 'top'));
  if (sessions.length === 0) return { status: 204, body: nothing };
  return { body: map({ skip: int(skip + sessions.length), 'sessions-ids': list(sessions.map(text)) }) };
};

export const sessionOperations: [name: string, operation: Operation][] = [
  ['com.microsoft:renew-session-lock', renewSession],
  ['com.microsoft:get-session-state', getState],
  ['com.microsoft:set-session-state', setState],
  ['com.microsoft:get-message-sessions', listSessions],
];
