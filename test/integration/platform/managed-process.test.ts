import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import { tryLock } from '../../../infra/local/platform/file-lock.ts';
import { ManagedProcess } from '../../../infra/local/platform/managed-process.ts';
import { ProcessLog } from '../../../infra/local/platform/process-log.ts';
import { isAlive, readText, temporaryFolder, until } from './fixture.ts';

const readySchema = z.object({ ready: z.literal(true), port: z.number() });
type Ready = z.output<typeof readySchema>;

interface Managed {
  child: ManagedProcess<Ready>;
  lines: string[];
  folder: string;
  lockFile: string;
  readies: Ready[];
}

/** A child that runs `script`, stopped when the test ends. */
async function managed(test: TestContext, script: string): Promise<Managed> {
  const folder = await temporaryFolder(test);
  const program = join(folder, 'program.mjs');
  await writeFile(program, script);
  const lines: string[] = [];
  const readies: Ready[] = [];
  const lockFile = join(folder, 'azure.lock');
  const child = new ManagedProcess<Ready>({
    name: 'azure',
    program,
    arguments: () => ['one', 'two'],
    environment: () => ({ GREETING: 'hello' }),
    lockFile,
    ready: readySchema,
    onReady: (ready) => void readies.push(ready),
    log: new ProcessLog(folder, 'azure', (_name, line) => void lines.push(line)),
  });
  test.after(() => child.stop());
  return { child, lines, folder, lockFile, readies };
}

const stay = 'setInterval(() => undefined, 1000);';
const ready = 'console.log(JSON.stringify({ ready: true, port: 7 }));';

describe('a managed process', { concurrency: true }, () => {
  it('gets its arguments and environment, and is up when it says so', async (test) => {
    const { child, lines, readies } = await managed(
      test,
      `console.log(process.argv.slice(2).join('+'), process.env.GREETING); ${ready} ${stay}`,
    );
    assert.deepEqual(await child.start(), { ready: true, port: 7 });
    assert.deepEqual(readies, [{ ready: true, port: 7 }]);
    assert.equal(lines[0], 'one+two hello');
    assert.match(lines[1] ?? '', /^ready \(process \d+\)$/);
  });

  it('has both of its outputs in one log, and in a file', async (test) => {
    const { child, lines, folder } = await managed(
      test,
      `console.log('to out'); console.error('to err'); console.log('{"a":1}'); console.log('{broken'); ${ready} ${stay}`,
    );
    await child.start();
    await until('both streams were read', () => lines.length >= 5);
    for (const line of ['to out', 'to err', '{"a":1}', '{broken']) assert.ok(lines.includes(line), line);
    assert.deepEqual((await readText(folder, 'logs', 'azure.log')).trim().split('\n'), lines);
  });

  it('is not up on a ready line that lacks something, and says what', async (test) => {
    const { child } = await managed(test, `console.log(JSON.stringify({ ready: true, port: 'x' })); ${stay}`);
    await assert.rejects(child.start(), /ready line is not valid[^]*port/);
  });

  it('that ends before it is ready is not started again', async (test) => {
    const { child, lines } = await managed(test, "console.error('no such queue'); process.exit(4);");
    await assert.rejects(
      child.start(),
      /azure \(program\.mjs\) ended before it was ready \(exit code 4\)[^]*no such queue/,
    );
    assert.ok(!lines.some((line) => line.startsWith('starts again')));
  });

  it('that keeps crashing is started after growing pauses', async (test) => {
    const { child, lines } = await managed(test, `${ready} setTimeout(() => process.exit(1), 10);`);
    await child.start();
    const pauses = (): string[] => lines.filter((line) => line.startsWith('starts again'));
    await until('it crashed four times', () => pauses().length >= 4);
    assert.deepEqual(
      pauses().slice(0, 4),
      [100, 200, 400, 800].map((pause) => `starts again in ${pause} ms`),
    );
  });

  it('is told of again after each restart', async (test) => {
    const { child, readies } = await managed(test, `${ready} ${stay}`);
    await child.start();
    const first = child.pid;
    await child.kill();
    assert.equal(child.pid, undefined);
    await child.untilUp();
    assert.notEqual(child.pid, first);
    assert.equal(readies.length, 2);
  });

  it('holds its lock while it lives, and frees it by kill -9', async (test) => {
    const { child, lockFile } = await managed(test, `${ready} ${stay}`);
    await child.start();
    assert.equal(tryLock(lockFile), undefined);
    const pid = child.pid!;
    await child.kill('SIGKILL');
    const lock = tryLock(lockFile);
    assert.ok(lock);
    lock.release();
    assert.ok(!isAlive(pid));
  });

  it('may fork children of its own', async (test) => {
    const { child, lines } = await managed(
      test,
      `import { fork } from 'node:child_process';
       if (process.argv[2] === 'forked') { console.log('forked'); process.disconnect(); }
       else { fork(process.argv[1], ['forked']).on('exit', (code) => console.log('code ' + code)); ${ready} ${stay} }`,
    );
    await child.start();
    await until('its child has ended', () => lines.some((line) => line.startsWith('code ')));
    assert.ok(lines.includes('forked'), lines.join('\n'));
  });

  it('stays down when it was stopped, even in the pause before a restart', async (test) => {
    const { child, lines } = await managed(test, `${ready} ${stay}`);
    await child.start();
    await child.kill();
    const up = assert.rejects(child.untilUp(), /azure was stopped/);
    await child.stop();
    await up;
    const seen = lines.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(child.pid, undefined);
    assert.equal(lines.length, seen);
  });
});
