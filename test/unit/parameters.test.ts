import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AppError } from '../../server/errors.ts';
import { parseCookies } from '../../server/http/cookies.ts';
import { parseParameters } from '../../server/http/parameters.ts';
import { safePath } from '../../server/http/preferences.routes.ts';

describe('parameters', () => {
  it('whatever is sent: flat strings and lists of strings, or a 400', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        try {
          for (const value of Object.values(parseParameters(text))) {
            assert.ok([value].flat().every((each) => typeof each === 'string' && !each.includes('\0')));
          }
        } catch (error) {
          assert.ok(error instanceof AppError && error.status === 400, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads back what URLSearchParams writes', () => {
    const name = fc
      .stringMatching(/^[a-z][a-zA-Z0-9_.-]{0,10}$/)
      .filter((text) => !['constructor', 'prototype'].includes(text));
    const value = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (fields) => {
        assert.deepEqual(parseParameters(new URLSearchParams(fields).toString()), fields);
      }),
    );
  });

  it('a list is one by its name, with one value too', () => {
    assert.deepEqual(parseParameters('ids[]=1'), { ids: ['1'] });
    assert.deepEqual(parseParameters('ids%5B%5D=1&ids[]=2&a='), { ids: ['1', '2'], a: '' });
  });

  it('cookies are strings, the first of a name counts, and none is inherited', () => {
    const cookies = parseCookies('a=1; a=2; b=j:{"x":1}; c=%zz; =x; d');
    assert.deepEqual({ ...cookies }, { a: '1', b: 'j:{"x":1}', c: '%zz' });
    assert.equal(cookies.toString, undefined);
  });

  it('a way back never leaves this origin', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.webPath(),
          fc.constantFrom('//e.x', '/\\e.x', '/\t/e.x', '///e.x', 'http:/e.x'),
        ),
        (text) => {
          assert.equal(new URL(safePath(text), 'https://here.example').origin, 'https://here.example');
        },
      ),
      { numRuns: 2000 },
    );
  });
});
