import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { repository } from '../../infra/build.ts';
import { currentLogicVersion } from '../../shared/lifecycle/decide.ts';
import {
  askFor,
  askForDelete,
  isRecord,
  orchestrationOf,
  poolWrites,
  startPlatform,
  uidOf,
  untilNothingLeft,
  untilPhase,
  workspaceOrchestrations,
  workspaceType,
} from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { readState, workspaceDocument } from '../harness/workspaces.ts';

/** Everything that a build of the app reads. */
const sources = ['functions', 'shared', 'presets', 'infra', 'host.json', 'package.json', 'tsconfig.json'];

describe('the next logic version under live workspaces', () => {
  let platform: PlatformHarness;
  let next: string;
  let nextApp: string;
  before(async () => {
    next = await mkdtemp(join(tmpdir(), 'slipway-next-'));
    nextApp = await buildNextVersion(next);
    platform = await startPlatform();
  });
  after(async () => {
    await platform.stop();
    await rm(next, { recursive: true, force: true });
  });
  it('a workspace on its way and one that is Ready go on under the new code, and take up its version', async () => {
    const puts = poolWrites(platform);
    await askFor(platform, 'http', workspaceDocument('settled'));
    await untilPhase(platform, 'settled', 'Ready');
    await askFor(platform, 'http', workspaceDocument('moving'));
    await untilPhase(platform, 'moving', 'Provisioning');
    const names = ['settled', 'moving'];
    for (const name of names) assert.equal(logicVersion(platform, name), currentLogicVersion);
    const uids = names.map((name) => uidOf(platform, name));

    await platform.restartHost({ appDirectory: nextApp });
    await untilPhase(platform, 'moving', 'Ready');
    await platform.pass(1800);

    for (const [index, name] of names.entries()) {
      assert.equal(logicVersion(platform, name), currentLogicVersion + 1, name);
      assert.equal(readState(platform, name)?.phase, 'Ready', name);
      assert.equal(await orchestrationOf(platform, name, uids[index] ?? ''), 'Running', name);
    }
    assert.equal(poolWrites(platform) - puts, 2, 'one pool each, asked for once');
    const lives = await workspaceOrchestrations(platform);
    assert.deepEqual(
      lives.map(({ status }) => status),
      ['Running', 'Running'],
    );
    for (const [index, name] of names.entries()) {
      await askForDelete(platform, 'http', name);
      await untilNothingLeft(platform, name, uids[index] ?? '');
    }
  });
});

/** Builds the app from a copy of its sources in which the next logic version is the current one. */
async function buildNextVersion(directory: string): Promise<string> {
  for (const source of sources)
    await cp(join(repository, source), join(directory, source), {
      recursive: true,
      filter: (path) => path !== join(repository, 'infra/local'),
    });
  await symlink(join(repository, 'node_modules'), join(directory, 'node_modules'));
  const file = join(directory, 'shared/lifecycle/decide.ts');
  const text = await readFile(file, 'utf8');
  const changed = text.replace(
    `export const currentLogicVersion = ${currentLogicVersion};`,
    `export const currentLogicVersion = ${currentLogicVersion + 1};`,
  );
  assert.notEqual(changed, text, 'the constant is where this test looks for it');
  await writeFile(file, changed);
  // The copy's own build: it finds its sources beside itself.
  const outDirectory = join(directory, 'dist');
  await promisify(execFile)(process.execPath, [join(directory, 'infra/build.ts')], { cwd: directory });
  return outDirectory;
}

function logicVersion(platform: PlatformHarness, name: string): unknown {
  const status = platform.store.get(workspaceType, { namespace: 'default', name })?.['status'];
  const slipway = isRecord(status) ? status['slipway'] : undefined;
  return isRecord(slipway) ? slipway['logicVersion'] : undefined;
}
