import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Database } from '../../server/db/client.ts';
import { AppError } from '../../server/errors.ts';
import { createUploads } from '../../server/images/uploads.ts';
import { fold } from '../../server/market/fold.ts';
import { findModerated, listVerdicts } from '../../server/offers/moderation.queries.ts';
import { decideOffer } from '../../server/offers/moderation.service.ts';
import type { OfferContent } from '../../server/offers/offers.input.ts';
import { findOffer } from '../../server/offers/offers.queries.ts';
import {
  copyOffer,
  createOffer,
  deleteOffer,
  type OfferTools,
  updateOffer,
} from '../../server/offers/offers.service.ts';
import { endOffer, submitOffer, withdrawOffer } from '../../server/offers/submission.service.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import {
  type ArrangedMarket,
  adminDatabase,
  arrangeMarkets,
  categoryId,
  partnerDatabase,
  partnerScope,
  staffScope,
  superuser,
} from '../support/scoped.ts';

describe('Offers: services', () => {
  let test: TestDatabase;
  let partner: Database;
  let admin: Database;
  let markets: ArrangedMarket[];
  let folder: string;
  let tools: OfferTools;

  const own = () => partner.scoped(partnerScope(markets[0]!.id, 'manager'));
  const staff = () => admin.scoped(staffScope('operator'));
  const now = () => new Date();
  const content = (changes: Partial<OfferContent> = {}): OfferContent => ({
    titleEn: 'Coffee beans',
    titleAr: 'حبوب قهوة',
    textEn: 'One kilo, roasted this week.',
    textAr: 'كيلو واحد، محمص هذا الأسبوع.',
    price: 4500,
    claimLimit: null,
    claimLimitPerShopper: 1,
    oldPrice: 6000,
    categoryId,
    branchIds: [markets[0]!.branches[0]!],
    startsAt: null,
    endsAt: new Date(Date.now() + 86_400_000),
    ...changes,
  });
  const files = async () => (await readdir(join(folder, markets[0]!.id)).catch(() => [])).length;
  const picture = () =>
    sharp({ create: { width: 40, height: 30, channels: 3, background: '#0a665b' } })
      .png()
      .toBuffer();
  const state = async (id: string) => (await findOffer(own(), id)).state;
  const code = (expected: string) => (error: unknown) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, expected);
    return true;
  };

  before(async () => {
    test = await testDatabase();
    partner = partnerDatabase(test);
    admin = adminDatabase(test);
    markets = await arrangeMarkets(test, 2);
    folder = await mkdtemp(join(tmpdir(), 'bulkhead-uploads-'));
    tools = { uploads: createUploads(folder), clock: now };
  });

  after(async () => {
    await Promise.all([partner.close(), admin.close()]);
    await rm(folder, { recursive: true });
    await test.drop();
  });

  async function submitted(changes: Partial<OfferContent> = {}): Promise<string> {
    const id = await createOffer(own(), tools, { content: content(changes) });
    await submitOffer(own(), id, now());
    return id;
  }

  async function decide(id: string, decision: 'approved' | 'rejected', reason = ''): Promise<void> {
    const marketId = markets[0]!.id;
    const { contentDigest } = await findModerated(staff(), marketId, id);
    await decideOffer(staff(), { marketId, offerId: id, digest: contentDigest, decision, reason }, now());
  }

  it('go from draft to live, and back to draft when edited', async () => {
    const id = await createOffer(own(), tools, { content: content() });
    assert.equal(await state(id), 'draft');
    await submitOffer(own(), id, now());
    assert.equal(await state(id), 'submitted');
    await decide(id, 'approved');
    assert.equal(await state(id), 'live');
    const { version } = await findOffer(own(), id);
    await updateOffer(own(), tools, id, version, { content: { price: 4400 } });
    assert.equal(await state(id), 'draft');
    await submitOffer(own(), id, now());
    assert.equal(await state(id), 'submitted');
    const verdicts = await listVerdicts(staff(), markets[0]!.id, id);
    assert.equal((verdicts[0]!.content as { price: number }).price, 4500);
  });

  it('stay submitted when edited, and an older approval does not count for the new content', async () => {
    const id = await submitted();
    const seen = await findOffer(own(), id);
    await updateOffer(own(), tools, id, seen.version, { content: { titleEn: 'Better beans' } });
    assert.equal(await state(id), 'submitted');
    const verdict = {
      marketId: markets[0]!.id,
      offerId: id,
      digest: seen.contentDigest,
      decision: 'approved',
      reason: '',
    } as const;
    await assert.rejects(decideOffer(staff(), verdict, now()), code('content-changed'));
    assert.equal(await state(id), 'submitted');
  });

  it('a rejection is not carried over to the next submission of the same words', async () => {
    const id = await submitted();
    await decide(id, 'rejected', 'The price is unclear.');
    assert.equal(await state(id), 'rejected');
    await submitOffer(own(), id, now());
    assert.equal(await state(id), 'submitted');
  });

  it('branches alone change without a new decision, but never to none', async () => {
    const id = await submitted();
    await decide(id, 'approved');
    const first = await findOffer(own(), id);
    await updateOffer(own(), tools, id, first.version, { content: { branchIds: [...markets[0]!.branches] } });
    assert.equal(await state(id), 'live');
    const second = await findOffer(own(), id);
    await assert.rejects(
      updateOffer(own(), tools, id, second.version, { content: { branchIds: [] } }),
      code('offer-incomplete'),
    );
    assert.equal((await findOffer(own(), id)).branchIds.length, 2);
  });

  it('an edit from an older version is refused', async () => {
    const id = await createOffer(own(), tools, { content: content() });
    const { version } = await findOffer(own(), id);
    await updateOffer(own(), tools, id, version, { content: { price: 1 } });
    await assert.rejects(
      updateOffer(own(), tools, id, version, { content: { price: 2 } }),
      code('changed-meanwhile'),
    );
    const race = await findOffer(own(), id);
    const edits = [3, 4, 5].map((price) =>
      updateOffer(own(), tools, id, race.version, { content: { price } }),
    );
    const settled = await Promise.allSettled(edits);
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('withdraw, end, copy and delete only where they make sense', async () => {
    const id = await submitted();
    await assert.rejects(deleteOffer(own(), tools, id), code('offer-state'));
    await withdrawOffer(own(), id, now());
    assert.equal(await state(id), 'draft');
    await assert.rejects(endOffer(own(), id, now()), code('offer-state'));
    const copy = await copyOffer(own(), id, now());
    assert.deepEqual((await findOffer(own(), copy)).branchIds, [markets[0]!.branches[0]]);
    await deleteOffer(own(), tools, copy);
    await assert.rejects(findOffer(own(), copy), code('not-found'));
    await submitOffer(own(), id, now());
    await decide(id, 'approved');
    await endOffer(own(), id, now());
    assert.equal(await state(id), 'ended');
    const { version } = await findOffer(own(), id);
    await assert.rejects(
      updateOffer(own(), tools, id, version, { content: { price: 1 } }),
      code('offer-state'),
    );
    await assert.rejects(submitOffer(own(), id, now()), code('offer-state'));
  });

  it('submitting needs everything but a picture, and says what is missing at each field', async () => {
    const bare = {
      titleAr: '',
      textEn: '',
      textAr: '',
      price: 0,
      oldPrice: null,
      categoryId: null,
      branchIds: [],
      endsAt: null,
    };
    const id = await createOffer(own(), tools, { content: content(bare) });
    await assert.rejects(submitOffer(own(), id, now()), (error: AppError) => {
      assert.equal(error.status, 422);
      const expected = ['branchIds', 'categoryId', 'endsAt', 'price', 'textAr', 'textEn', 'titleAr'];
      assert.deepEqual(Object.keys(error.fields).sort(), expected);
      return true;
    });
    assert.equal(await state(id), 'draft');
  });

  it("another market's branch, picture and offer are answered like unknown ones", async () => {
    const foreign = markets[1]!;
    const unknown = '01900000-0000-7000-8000-000000000000';
    const refused = async (draft: Parameters<typeof createOffer>[2]) => {
      const error = await createOffer(own(), tools, draft).then(assert.fail, (caught: AppError) => caught);
      return { status: error.status, code: error.code, fields: error.fields };
    };
    const withBranch = (branch: string) => refused({ content: content({ branchIds: [branch] }) });
    assert.deepEqual(await withBranch(foreign.branches[0]!), await withBranch(unknown));
    const withImage = (id: string) => refused({ content: content(), picture: { id } });
    assert.deepEqual(await withImage(foreign.images[0]!), await withImage(unknown));
    for (const id of [foreign.offers[0]!, unknown]) {
      await assert.rejects(updateOffer(own(), tools, id, 'x', { content: {} }), code('not-found'));
      await assert.rejects(submitOffer(own(), id, now()), code('not-found'));
      await assert.rejects(copyOffer(own(), id, now()), code('not-found'));
    }
  });

  it('a picture stays only with an offer that was written', async () => {
    const before = await files();
    const upload = await picture();
    const wrong = content({ branchIds: ['01900000-0000-7000-8000-000000000000'] });
    await assert.rejects(createOffer(own(), tools, { content: wrong, picture: { upload } }), code('invalid'));
    assert.equal(await files(), before);
    const count = await own().image.count();
    const id = await createOffer(own(), tools, { content: content(), picture: { upload } });
    assert.equal(await files(), before + 1);
    const { version } = await findOffer(own(), id);
    await updateOffer(own(), tools, id, version, { content: {}, picture: { upload: await picture() } });
    assert.equal(await files(), before + 1);
    assert.equal(await own().image.count(), count + 1);
    await deleteOffer(own(), tools, id);
    assert.equal(await files(), before);
  });

  it('a picture that was approved is kept for the comparison with the next one', async () => {
    const before = await files();
    const id = await createOffer(own(), tools, {
      content: content(),
      picture: { upload: await picture() },
      submit: true,
    });
    await decide(id, 'approved');
    const { version } = await findOffer(own(), id);
    await updateOffer(own(), tools, id, version, { content: {}, picture: { id: null } });
    assert.equal(await files(), before + 1);
  });

  it('what is no picture is refused at its field', async () => {
    const draft = {
      content: content(),
      picture: { upload: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') },
    };
    await assert.rejects(createOffer(own(), tools, draft), (error: AppError) => 'image' in error.fields);
  });

  it('two submissions for the last place of the plan: one gets it', async () => {
    const used = await own().offer.count({ where: { state: { in: ['live', 'submitted'] } } });
    await superuser(test, (client) => client.query('update plan set max_live_offers = $1', [used + 1]));
    const ids = await Promise.all([1, 2, 3].map(() => createOffer(own(), tools, { content: content() })));
    const settled = await Promise.allSettled(ids.map((id) => submitOffer(own(), id, now())));
    await superuser(test, (client) => client.query('update plan set max_live_offers = 1000'));
    assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const result of settled)
      if (result.status === 'rejected') assert.equal(result.reason.code, 'plan-limit');
  });

  it('an analyst reads; the database itself refuses to let one write', async () => {
    const analyst = partner.scoped(partnerScope(markets[0]!.id, 'analyst'));
    const id = await submitted();
    assert.equal((await findOffer(analyst, id)).id, id);
    await assert.rejects(createOffer(analyst, tools, { content: content() }));
    await assert.rejects(withdrawOffer(analyst, id, now()), code('changed-meanwhile'));
    assert.equal(await state(id), 'submitted');
  });

  it('support staff cannot decide, by role nor by database', async () => {
    const support = admin.scoped(staffScope('support'));
    const id = await submitted();
    const { contentDigest } = await findModerated(support, markets[0]!.id, id);
    const verdict = {
      marketId: markets[0]!.id,
      offerId: id,
      digest: contentDigest,
      decision: 'approved',
      reason: '',
    } as const;
    await assert.rejects(decideOffer(support, verdict, now()), code('forbidden'));
    const { count } = await support.offer.updateMany({
      where: { marketId: markets[0]!.id, id },
      data: { decision: 'approved', decisionDigest: contentDigest },
    });
    assert.equal(count, 0);
  });

  it('the fold of typed words is the fold of stored ones', async () => {
    const samples = [
      'ÀÉ Straße',
      'أحمد إلى آسيا ٱلقهوة',
      'مُحَمَّدٌ ـــ قهوةٌ',
      'شؤون بئر',
      'İI ıi',
      'ABC-123 %_\\',
    ];
    await superuser(test, async (client) => {
      for (const sample of samples) {
        const { rows } = await client.query('select app.fold($1) as folded', [sample]);
        assert.equal(fold(sample), rows[0].folded);
      }
    });
  });
});
