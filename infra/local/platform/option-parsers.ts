import { InvalidArgumentError } from 'commander';

/** Virtual seconds per real second. The bounds keep socket time-outs and simulated time apart. */
export function parseSpeed(text: string): number {
  const speed = Number(text);
  if (speed >= 0.1 && speed <= 1000) return speed;
  throw new InvalidArgumentError('a speed is a number from 0.1 to 1000.');
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a whole number from 0 (any free one) to 65535.');
}

export function parseOperationLock(text: string): 'pool' | 'cluster' {
  if (text === 'pool' || text === 'cluster') return text;
  throw new InvalidArgumentError('use pool or cluster.');
}
