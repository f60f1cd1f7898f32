import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostileBodies } from './hostile-bodies.ts';
import { passThrough } from './pass-through.ts';

/** CPU seconds for a body: ten times what the slowest takes, a tenth of what the slowest took before it was mended. */
const ceilingSeconds = 20;

describe('a body made to be slow', () => {
  for (const [name, text] of Object.entries(hostileBodies)) {
    it(`is answered soon and in few words: ${name}`, () => {
      const before = process.cpuUsage();
      passThrough(text);
      const { user, system } = process.cpuUsage(before);
      assert.ok((user + system) / 1e6 < ceilingSeconds);
    });
  }
});
