import { Queue } from '../../shared/events/event-types.ts';
import { passOn } from './facts.ts';
import { receive } from './receive.ts';

receive('workloadReady', Queue.workloadReady, passOn);
