/**
 * Preloaded (`--import`) into every child process, which need not know that it has a supervisor.
 *
 * - It holds its lock file for as long as it lives, so that a new platform can wait for the last process of a killed one
 *   before it opens the same data.
 * - It does not outlive its supervisor: the IPC channel closes when that ends, however it ends.
 */
import { holdLock } from './file-lock.ts';

const graceMilliseconds = 5_000;

const lockFile = process.env['SLIPWAY_PROCESS_LOCK'];
if (lockFile !== undefined) holdLock(lockFile);
// A child or worker of this process inherits the preload and the environment, and must not want the lock too.
delete process.env['SLIPWAY_PROCESS_LOCK'];

process.on('disconnect', () => {
  setTimeout(() => process.exit(1), graceMilliseconds).unref();
  process.kill(process.pid, 'SIGTERM');
});
// Listening keeps the channel referenced, and with it a child that has nothing left to do.
process.channel?.unref();
