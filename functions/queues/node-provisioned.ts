import { Queue } from '../../shared/events/event-types.ts';
import { passOn } from './facts.ts';
import { receive } from './receive.ts';

receive('nodeProvisioned', Queue.nodeProvisioned, passOn);
