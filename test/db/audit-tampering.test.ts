import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PLATFORM } from '../../server/audit/chain.ts';
import { seal } from '../../server/audit/envelope.ts';
import { auditSigner } from '../../server/audit/signing.ts';
import { tamperings } from '../support/audit/tamperings.ts';
import { type TrailWorld, trailWorld } from '../support/audit/trail-world.ts';

describe('tampering with the audit trail', () => {
  let world: TrailWorld;
  let restore: () => Promise<void>;

  before(async () => {
    world = await trailWorld();
    const [one, other] = world.markets;
    await world.write(one, 5);
    await world.write(other, 9);
    await world.write(PLATFORM, 2);
    await world.anchor();
    await world.write(one, 4);
    await world.write(PLATFORM, 2);
    await world.anchor();
    restore = await world.remember();
  });
  afterEach(() => restore());
  after(() => world.close());

  it('is not found where there was none', async () => {
    const verdict = await world.verify();
    assert.deepEqual(verdict.findings, []);
    assert.deepEqual([verdict.chains, verdict.entries, verdict.anchors], [3, 24, 2]);
  });

  it('is not found in what was written since the last anchor', async () => {
    await world.write(world.markets[0], 3);
    assert.deepEqual((await world.verify()).findings, []);
  });

  for (const { name, does, found, seq, chain } of tamperings) {
    it(`is found: ${name}`, async () => {
      await does(world);
      const { findings } = await world.verify();
      const where = chain === 'platform' ? PLATFORM : world.markets[chain === 'other' ? 1 : 0];
      const finding = findings.find((candidate) => candidate.chain === where);
      assert.equal(finding?.kind, found, JSON.stringify(findings));
      if (seq !== undefined) assert.equal(finding?.seq, seq, finding?.words);
      if (['edited', 'missing', 'inserted'].includes(found)) assert.ok(finding?.entryId);
    });
  }

  it('is found: an old copy of everything put back', async () => {
    await world.write(world.markets[0], 2);
    await world.anchor();
    await restore();
    const kinds = (await world.verify()).findings.map(({ kind }) => kind);
    assert.deepEqual(kinds, ['truncated']);
    // The file knows more than the database from now on: begin anew for what follows.
    await reanchor();
  });

  /** As if the last line of the file had never been written. */
  async function reanchor(): Promise<void> {
    const [file] = readdirSync(world.anchorDir);
    const path = join(world.anchorDir, file!);
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    writeFileSync(path, `${lines.slice(0, 2).join('\n')}\n`);
  }

  describe('with the file of anchors', () => {
    let copy: string;
    const file = () => join(copy, readdirSync(copy)[0]!);
    const lines = () => readFileSync(file(), 'utf8').trim().split('\n');
    const write = (kept: string[]) => writeFileSync(file(), kept.map((line) => `${line}\n`).join(''));

    beforeEach(() => {
      copy = mkdtempSync(join(tmpdir(), 'bulkhead-anchors-'));
      cpSync(world.anchorDir, copy, { recursive: true });
    });
    afterEach(() => rmSync(copy, { recursive: true, force: true }));

    const words = async () => {
      const { findings } = await world.verify(copy);
      assert.ok(findings.every(({ kind }) => kind === 'anchors'));
      return findings.map((finding) => finding.words).join('\n');
    };

    it('is found: a line changed', async () => {
      write(lines().map((line) => line.replace('\\"n\\":2', '\\"n\\":3')));
      assert.match(await words(), /line 2: was changed after it was signed/);
    });

    it('is found: a line taken out', async () => {
      await world.write(world.markets[1], 1);
      cpSync(copy, world.anchorDir, { recursive: true });
      await world.anchor();
      cpSync(world.anchorDir, copy, { recursive: true });
      const [first, , third] = lines();
      write([first!, third!]);
      assert.match(await words(), /anchor 3 does not follow anchor 1/);
      await reanchor();
    });

    it('is found: the last line taken out', async () => {
      write(lines().slice(0, 1));
      assert.match(await words(), /anchor 2 was written, and the last one that is there is 1/);
    });

    it('is found: the file deleted', async () => {
      rmSync(file());
      assert.match(await words(), /anchor 2 was written, and the last one that is there is 0/);
    });

    it('is found: a line signed by another’s key', async () => {
      appendFileSync(file(), `${strangersLine()}\n`);
      assert.match(await words(), /line 3: was signed by a key that is not known/);
    });
  });
});

/** A line that somebody else's key has signed. */
function strangersLine(): string {
  const statement = { kind: 'anchor', n: 3, at: new Date().toISOString(), previous: null, heads: [] };
  return JSON.stringify(seal(statement, auditSigner(randomBytes(32))));
}
