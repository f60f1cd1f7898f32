import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseAllDocuments, stringify } from 'yaml';

const folder = new URL('../../golden/manifests/', import.meta.url);

/** Compares objects with a golden file, field by field. `UPDATE_GOLDEN=1` rewrites it: say why in the commit. */
export function assertGolden(name: string, objects: readonly object[]): void {
  const file = new URL(`${name}.yaml`, folder);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    const options = { lineWidth: 0, aliasDuplicateObjects: false };
    writeFileSync(file, objects.map((object) => stringify(object, options)).join('---\n'));
  }
  const expected: unknown[] = [];
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) expected.push(document.toJS());
  assert.deepEqual(JSON.parse(JSON.stringify(objects)), expected);
}
