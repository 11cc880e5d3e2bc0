import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSecrets, rotated, saveSecrets } from '../../scripts/secrets.ts';

describe('an installation’s secrets', () => {
  let home: string;
  const file = () => join(home, 'secrets.json');
  const stored = () => JSON.parse(readFileSync(file(), 'utf8'));
  const write = (secrets: unknown) => writeFileSync(file(), JSON.stringify(secrets), { mode: 0o600 });

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'bulkhead-secrets-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** As it was written before there was a public surface. */
  function older() {
    const { rolePasswords, tokenKeys, contextKeys, ...rest } = structuredClone(loadSecrets(home));
    const { bulkhead_public: _login, ...passwords } = rolePasswords;
    const { public: _tokens, ...tokens } = tokenKeys;
    const { public: _contexts, ...contexts } = contextKeys;
    return { ...rest, rolePasswords: passwords, tokenKeys: tokens, contextKeys: contexts };
  }

  it('name a key of each surface after it, and none twice', () => {
    const { tokenKeys, contextKeys } = loadSecrets(home);
    for (const rings of [tokenKeys, contextKeys]) {
      for (const surface of ['admin', 'partner', 'public', 'device'] as const)
        assert.match(rings[surface][0]!.kid, new RegExp(`^${surface}-[0-9a-f]{8}$`));
    }
    const keys = [tokenKeys, contextKeys].flatMap((rings) => Object.values(rings).flat());
    assert.equal(new Set(keys.map(({ key }) => key)).size, 8);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
  });

  it('of before the public surface get its login and keys once; what was there stays', () => {
    const before = older();
    write(before);
    const grown = loadSecrets(home);
    assert.match(grown.contextKeys.public[0]!.kid, /^public-/);
    assert.ok(grown.rolePasswords.bulkhead_public.length >= 16);
    const { bulkhead_public: _login, ...passwords } = grown.rolePasswords;
    assert.deepEqual(passwords, before.rolePasswords);
    for (const surface of ['admin', 'partner'] as const) {
      assert.deepEqual(grown.tokenKeys[surface], before.tokenKeys[surface]);
      assert.deepEqual(grown.contextKeys[surface], before.contextKeys[surface]);
    }
    assert.equal(grown.superuserPassword, before.superuserPassword);
    assert.deepEqual(stored(), grown);
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.deepEqual(loadSecrets(home), grown);
  });

  it('of before the public surface can be rotated as well', () => {
    const before = older();
    write(before);
    const next = rotated(home);
    saveSecrets(home, next);
    assert.deepEqual(next.contextKeys.partner[1], before.contextKeys.partner[0]);
    assert.match(next.contextKeys.public[0]!.kid, /^public-/);
    assert.deepEqual(loadSecrets(home), next);
  });

  it('of before there were tills get the device surface, and keep their public one', () => {
    const { rolePasswords, tokenKeys, contextKeys, ...rest } = structuredClone(loadSecrets(home));
    const { bulkhead_device: _login, ...passwords } = rolePasswords;
    const { device: _tokens, ...tokens } = tokenKeys;
    const { device: _contexts, ...contexts } = contextKeys;
    write({ ...rest, rolePasswords: passwords, tokenKeys: tokens, contextKeys: contexts });
    const grown = loadSecrets(home);
    assert.match(grown.contextKeys.device[0]!.kid, /^device-/);
    assert.ok(grown.rolePasswords.bulkhead_device.length >= 16);
    assert.deepEqual(grown.contextKeys.public, contexts.public);
    assert.deepEqual(stored(), grown);
  });

  it('that lost the public keys alone are refused, and a rotation makes new ones', () => {
    const { public: _lost, ...contextKeys } = loadSecrets(home).contextKeys;
    write({ ...stored(), contextKeys });
    assert.throws(() => loadSecrets(home), /contextKeys\.public is missing or damaged in .*keys:rotate/);
    saveSecrets(home, rotated(home));
    assert.equal(loadSecrets(home).contextKeys.public.length, 1);
  });

  it('whose public password is damaged are refused, not quietly replaced', () => {
    const secrets = loadSecrets(home);
    write({ ...secrets, rolePasswords: { ...secrets.rolePasswords, bulkhead_public: 'short' } });
    assert.throws(() => loadSecrets(home), /rolePasswords\.bulkhead_public is missing or damaged/);
    assert.equal(stored().rolePasswords.bulkhead_public, 'short');
  });
});
