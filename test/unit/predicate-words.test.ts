import assert from 'node:assert/strict';
import { access, type Rule } from '../../server/db/access/declaration.ts';
import { LOCALES, readCatalogue } from '../../server/i18n/i18n.ts';
import { messages } from '../../server/paths.ts';

/** Said of a policy that no rule declares. */
const UNDECLARED = 'none';

const rules = Object.values(access).flatMap(({ roles }) =>
  Object.values(roles).flatMap((commands) => Object.values(commands) as Rule[]),
);
const predicates = new Set(rules.flatMap(({ rows, after }) => (after ? [rows, after] : [rows])));

describe('words for the conditions of policies', () => {
  for (const locale of LOCALES) {
    it(`are there for each, and for nothing else: ${locale}`, () => {
      const { predicate } = readCatalogue(messages, locale).isolation as { predicate: object };
      assert.deepEqual(Object.keys(predicate).sort(), [UNDECLARED, ...predicates].sort());
    });
  }
});
