import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { repository } from '../../../infra/build.ts';

const run = promisify(execFile);
const text = await readFile(join(repository, 'docs/architecture.md'), 'utf8');
const chapter = text.slice(text.indexOf('## Entry points'), text.indexOf('## Where the next thing goes'));

interface Row {
  what: string;
  files: string[];
  functions: string[];
}

/** `| what | files | signatures |`: a file is in code with its suffix, later ones in the folder of the first; a function has brackets. */
function rows(): Row[] {
  const cells = [...chapter.matchAll(/^\| (.+?) \| (`.+?`) \| (.+) \|$/gm)];
  return cells.map(([, what = '', where = '', signature = '']) => {
    const named = [...`${where} ${signature}`.matchAll(/`([^`]+\.ts)`/g)].map(([, file = '']) => file);
    const folder = dirname(named[0] ?? '');
    return {
      what,
      files: named.map((file) => (file.includes('/') ? file : join(folder, file))),
      functions: [...signature.matchAll(/`(\w+)\(|, (\w+)\(/g)].map(
        ([, first, later]) => first ?? later ?? '',
      ),
    };
  });
}

describe('the entry points of the pure core', () => {
  it('are a table of many', () => assert.ok(rows().length > 20));

  for (const { what, files, functions } of rows()) {
    it(`are exported as documented: ${what}`, async () => {
      const modules = await Promise.all(
        files.map(
          (file): Promise<Record<string, unknown>> => import(pathToFileURL(join(repository, file)).href),
        ),
      );
      assert.ok(functions.length > 0);
      for (const name of functions)
        assert.ok(
          modules.some((each) => typeof each[name] === 'function'),
          `${name} is not in ${files.join(', ')}`,
        );
    });
  }

  it('work together as the tour tells, and print what it says', async () => {
    const code = /```ts\n(.*?)```/s.exec(chapter)?.[1] ?? '';
    const folder = await mkdtemp(join(tmpdir(), 'slipway-tour-'));
    try {
      const root = pathToFileURL(repository).href;
      const file = join(folder, 'tour.ts');
      await writeFile(file, code.replaceAll("from './", `from '${root}/`));
      // The Hub is out of reach, as the tour allows for.
      const noNetwork =
        'data:text/javascript,globalThis.fetch = () => Promise.reject(new TypeError("no network"))';
      const { stdout } = await run(process.execPath, ['--import', noNetwork, file], { cwd: repository });
      const told = wordsOf(stdout);
      const promised = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, says = '']) => says);
      assert.ok(promised.length > 10);
      let from = 0;
      for (const says of promised) {
        for (const word of wordsOf(says)) {
          const place = told.indexOf(word, from);
          assert.notEqual(place, -1, `${word} of "${says}" does not follow in\n${stdout}`);
          from = place + 1;
        }
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

function wordsOf(printed: string): string[] {
  return printed.match(/[\w./=-]+/g) ?? [];
}
