import { startPlatform } from '../../../../infra/local/platform/supervisor.ts';
import { standInProgram, standIns } from '../fixture.ts';

const [, , stateDirectory = ''] = process.argv;
await startPlatform({
  stateDirectory,
  appDirectory: stateDirectory,
  speed: 1,
  programs: { ...standIns, functions: standInProgram('stubborn') },
});
