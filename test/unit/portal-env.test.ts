import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portalEnv } from '../../scripts/portal.env.ts';
import { loadSecrets } from '../../scripts/secrets.ts';
import { type PortalName, portalConfig, scriptConfig } from '../../server/config.ts';

const STORE = {
  AUDIT_S3_URL: 'https://objects.example.com/',
  AUDIT_S3_BUCKET: 'anchors',
  AUDIT_S3_REGION: 'me-south-1',
  AUDIT_S3_KEY_ID: 'id',
  AUDIT_S3_SECRET: 'secret',
  AUDIT_S3_LOCK_DAYS: '30',
};

describe('what npm start tells a portal', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'bulkhead-env-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** As `scripts/start.ts` puts it together. */
  function told(portal: PortalName, env: Record<string, string>): Record<string, string> {
    const script = scriptConfig({ BULKHEAD_HOME: home, ...env });
    const target = { url: 'postgresql://owner:x@localhost/bulkhead', secrets: loadSecrets(home) };
    return { ...script.passedOn, ...portalEnv(portal, target, script) };
  }

  it('gives the admin portal all settings of anchors, and the partner portal none', () => {
    const env = {
      ...STORE,
      AUDIT_ANCHOR_SECONDS: '15',
      AUDIT_MONTHS: '24',
      AUDIT_ANCHOR_DIR: '/mnt/anchors',
    };
    const { audit } = portalConfig('admin', told('admin', env));
    assert.deepEqual(audit?.store, {
      ...{ url: 'https://objects.example.com', bucket: 'anchors', region: 'me-south-1' },
      ...{ keyId: 'id', secret: 'secret', lockDays: 30 },
    });
    assert.deepEqual([audit?.anchorSeconds, audit?.monthsKept, audit?.anchorDir], [15, 24, '/mnt/anchors']);
    const partner = told('partner', env);
    assert.deepEqual(
      Object.keys(partner).filter((name) => name.startsWith('AUDIT_')),
      ['AUDIT_PUBLIC_KEY'],
    );
    assert.equal(portalConfig('partner', partner).audit, null);
  });

  it('signs with this installation’s key, whatever the environment says', () => {
    const other = Buffer.alloc(32, 1).toString('base64url');
    const env = told('admin', { AUDIT_SIGNING_KEY: other });
    assert.equal(env.AUDIT_SIGNING_KEY, loadSecrets(home).auditKey);
    assert.equal(env.AUDIT_ANCHOR_DIR, join(home, 'anchors'));
    assert.equal(portalConfig('admin', env).audit?.store, null);
  });

  it('does not start with a store that is named by halves', () => {
    const env = told('admin', { AUDIT_S3_URL: STORE.AUDIT_S3_URL });
    assert.throws(
      () => portalConfig('admin', env),
      /AUDIT_S3_BUCKET, AUDIT_S3_KEY_ID, AUDIT_S3_SECRET missing/,
    );
  });
});
