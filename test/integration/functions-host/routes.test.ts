import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matchRoute, parseRouteTemplate } from '../../../infra/local/functions/http/route-template.ts';

const match = (template: string, path: string): Record<string, string> | undefined =>
  matchRoute(parseRouteTemplate(template), path.split('/'));

describe('route templates', () => {
  const constraints: [template: string, fits: string[], fails: string[]][] = [
    ['{id:int}', ['0', '-7', '2147483647'], ['x', '1.5', '2147483648', '']],
    ['{id:long}', ['9223372036854775807'], ['9223372036854775808']],
    ['{id:guid}', ['0f8fad5b-d9cb-469f-a165-70867728950e'], ['0f8fad5b']],
    ['{id:alpha}', ['abcXYZ'], ['abc1']],
    ['{id:bool}', ['true', 'FALSE'], ['yes']],
    ['{id:decimal}', ['1.5', '-2'], ['one']],
    ['{id:min(3)}', ['3', '10'], ['2', 'x']],
    ['{id:max(3)}', ['3', '-1'], ['4']],
    ['{id:range(2,4)}', ['2', '4'], ['1', '5']],
    ['{id:length(3)}', ['abc'], ['ab', 'abcd']],
    ['{id:length(2,3)}', ['ab', 'abc'], ['a', 'abcd']],
    ['{id:minlength(2)}', ['ab'], ['a']],
    ['{id:maxlength(2)}', ['ab'], ['abc']],
    ['{id:alpha:maxlength(2)}', ['ab'], ['abc', 'a1']],
    ['{id:regex(^w-[0-9]{{2}}$)}', ['w-12'], ['w-1', 'w-123']],
    ['{id:regex(^a(b|c)$)}', ['ab', 'AC'], ['ad']],
  ];
  for (const [template, fits, fails] of constraints) {
    it(`${template} takes what ASP.NET takes`, () => {
      for (const value of fits) assert.deepEqual(match(template, value), { id: value });
      for (const value of fails) assert.equal(match(template, value), undefined, value);
    });
  }

  it('refuses what ASP.NET refuses', () => {
    assert.throws(() => parseRouteTemplate('{id:unknown}'), /unknown route constraint 'unknown'/);
    assert.throws(() => parseRouteTemplate('{*rest}/more'), /catch-all must be the last/);
    assert.throws(() => parseRouteTemplate('{id'), /not closed/);
  });

  it('lets optional segments be absent only at the end', () => {
    assert.deepEqual(match('a/{b?}', 'a'), {});
    assert.equal(match('a/{b?}/c', 'a'), undefined);
    assert.deepEqual(match('{*rest}', ''), {});
  });

  it('gives back what a path was made of', () => {
    const segment = fc.stringMatching(/^[a-z0-9_~!$'()@-]{1,8}$/);
    fc.assert(
      fc.property(
        segment,
        segment,
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        (first, second, rest) => {
          const path = ['items', first, 'sub', second, ...rest].join('/');
          assert.deepEqual(match('Items/{first}/sub/{second}/{*rest}', path), {
            first,
            second,
            rest: rest.join('/'),
          });
        },
      ),
    );
  });
});
