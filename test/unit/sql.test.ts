import assert from 'node:assert/strict';
import { sql } from '../../server/db/direct.ts';

describe('statements of our own source', () => {
  it('number the values of all their pieces in order', () => {
    const piece = sql`b = ${'two'} and ${sql`c = ${3}`}`;
    assert.deepEqual(sql`select from t where a = ${'one'} and ${piece} and d = ${null}`.flat(), {
      text: 'select from t where a = $1 and b = $2 and c = $3 and d = $4',
      values: ['one', 'two', '3', null],
    });
  });

  it('may hold one piece twice, and be used again', () => {
    const same = sql`x = ${1}`;
    const statement = sql`${same} or ${same}`;
    for (let times = 0; times < 2; times++)
      assert.deepEqual(statement.flat(), { text: 'x = $1 or x = $2', values: ['1', '1'] });
  });

  it('take nothing for a piece that only looks like one', () => {
    const { strings, parts } = sql`true or true`;
    for (const forged of [{ strings, parts }, JSON.parse('{"strings":["true"],"parts":[],"text":"true"}')]) {
      const { text, values } = sql`select ${forged as string}`.flat();
      assert.equal(text, 'select $1');
      assert.equal(values.length, 1);
    }
  });
});
