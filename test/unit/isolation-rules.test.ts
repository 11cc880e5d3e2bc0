import assert from 'node:assert/strict';
import { RULE_IDS } from '../../server/db/guard/rules.ts';
import { foreignSecrets } from '../../server/foreign-secrets.ts';
import { readCatalogue } from '../../server/i18n/i18n.ts';
import { messages } from '../../server/paths.ts';

const key = 'A'.repeat(43);

describe('rules of isolation', () => {
  it('have words of their own in both languages, and an area that says why', () => {
    for (const locale of ['en', 'ar'] as const) {
      const words = readCatalogue(messages, locale)['isolation-rules'] as {
        area: Record<string, { why: string }>;
        rule: Record<string, string>;
      };
      assert.deepEqual(Object.keys(words.rule).sort(), [...RULE_IDS].sort());
      for (const rule of RULE_IDS) assert.ok(words.area[rule.split('-')[1]!]?.why, rule);
    }
  });

  it('name the partner’s secrets in the admin’s environment, under whatever name', () => {
    const leaked = {
      DEVICE_CONTEXT_KEYS: `device-1:${key}`,
      NOTES: `partner-ab:${key}`,
      OTHER_URL: 'postgresql://bulkhead_public:x@db/bulkhead',
    };
    assert.deepEqual(foreignSecrets('admin', leaked), ['DEVICE_CONTEXT_KEYS', 'NOTES', 'OTHER_URL']);
    assert.deepEqual(
      foreignSecrets('admin', { CONTEXT_KEYS: `admin-1:${key}`, PARTNER_URL: 'http://x' }),
      [],
    );
  });

  it('name the admin’s secrets in the partner’s', () => {
    const leaked = {
      AUDIT_SIGNING_KEY: key,
      CONTEXT: `admin-1:${key}`,
      U: 'postgres://bulkhead_admin_gate:x@db/b',
    };
    assert.deepEqual(foreignSecrets('partner', leaked), ['AUDIT_SIGNING_KEY', 'CONTEXT', 'U']);
    assert.deepEqual(foreignSecrets('partner', { PUBLIC_CONTEXT_KEYS: `public-1:${key}` }), []);
  });
});
