import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import {
  type Browser,
  partnerLogin,
  staffLogin,
  startPortals,
  type TestPortals,
} from '../../support/http.ts';
import {
  decide,
  offerFields,
  picture,
  stateOf,
  submitOffer,
  unknownId,
  upload,
  versionIn,
  writeOffer,
} from '../../support/offers.ts';
import { amber } from '../../support/two-markets.ts';

describe('Partner: pictures of offers', () => {
  let portals: TestPortals;
  let manager: Browser;

  before(async () => {
    portals = await startPortals();
    await portals.sql('update plan set max_live_offers = 1000');
    manager = await portals.signIn(partnerLogin('amber', 'manager'));
  });
  after(() => portals.close());

  const folder = () => join(portals.partner.deps.uploadsDir, amber.marketId);
  const files = () => (existsSync(folder()) ? readdirSync(folder()).sort() : []);
  const rows = async () =>
    (
      await portals.sql<{ id: string }>('select id from image where market_id = $1 order by id', [
        amber.marketId,
      ])
    ).map(({ id }) => id);
  const imageOf = async (offer: string) =>
    (await portals.sql<{ image_id: string }>('select image_id from offer where id = $1', [offer]))[0]!
      .image_id;

  async function written(file: Buffer, name?: string): Promise<string> {
    await manager.get('/offers/new');
    const answer = await upload(manager, '/offers', offerFields(), file, name);
    assert.equal(answer.status, 303, answer.text.slice(0, 1500));
    return answer.get('Location')!.split('/').pop()!;
  }

  it('are re-encoded, without what the camera wrote into them, and shown on the offer’s page', async () => {
    const photo = await sharp(await picture('jpeg', 2400))
      .withExif({ IFD0: { Copyright: 'secret place' } })
      .jpeg()
      .toBuffer();
    const id = await written(photo, '../../evil.php');
    const image = await imageOf(id);
    assert.ok(files().includes(`${image}.webp`));
    const page = await manager.get(`/offers/${id}`);
    assert.match(page.text, new RegExp(`src="/images/${image}"`));
    const answer = await manager.get(`/images/${image}`).then((each) => each);
    assert.equal(answer.status, 200);
    assert.equal(answer.get('Content-Type'), 'image/webp');
    assert.equal(answer.get('X-Content-Type-Options'), 'nosniff');
    assert.match(answer.get('Cache-Control')!, /private/);
    const metadata = await sharp(answer.body as Buffer).metadata();
    assert.equal(metadata.format, 'webp');
    assert.equal(metadata.width, 1600);
    assert.equal(metadata.exif, undefined);
    const again = await manager.get(`/images/${image}`, { 'If-None-Match': answer.get('ETag')! });
    assert.equal(again.status, 304);
  });

  it('what is none, whatever its name says, is refused at the field and nothing stays', async () => {
    const before = { files: files(), rows: await rows() };
    const wrong = {
      'not a picture': Buffer.from('GIF89a, or so it says'),
      svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
      html: Buffer.from('<!doctype html><script>alert(1)</script>'),
      noise: randomBytes(50_000),
      truncated: (await picture('png', 900)).subarray(0, 200),
    };
    for (const [what, file] of Object.entries(wrong)) {
      await manager.get('/offers/new');
      const answer = await upload(manager, '/offers', offerFields({ titleEn: 'Kept' }), file);
      assert.equal(answer.status, 422, what);
      assert.match(answer.text, /id="f-image-error"/, what);
      assert.match(answer.text, /value="Kept"/, what);
    }
    assert.deepEqual({ files: files(), rows: await rows() }, before);
  });

  it('one that is too large is said at the field, and what was typed after it is kept', async () => {
    await manager.get('/offers/new');
    const sent = manager.raw('post', `/offers?_csrf=${encodeURIComponent(manager.csrf)}`);
    sent.set({ Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' }).ok(() => true);
    const answer = await sent
      .attach('image', randomBytes(9 * 1024 * 1024), 'big.jpg')
      .field('titleEn', 'Typed after the file');
    assert.equal(answer.status, 422);
    assert.match(answer.text, /larger than 8 MB/);
    assert.match(answer.text, /value="Typed after the file"/);
  });

  it('a second picture, a file in another field and a broken body are refused', async () => {
    const path = `/offers?_csrf=${encodeURIComponent(manager.csrf)}`;
    const file = await picture();
    const send = () =>
      manager
        .raw('post', path)
        .set({ Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin' })
        .ok(() => true);
    assert.equal((await send().attach('image', file, 'a.png').attach('image', file, 'b.png')).status, 400);
    assert.equal((await send().attach('other', file, 'a.png')).status, 400);
    const broken = await send()
      .set('Content-Type', 'multipart/form-data; boundary=x')
      .send('--x\r\nContent-Disposition: form-data; name="titleEn"');
    assert.equal(broken.status, 400);
    const nested = await send().field('titleEn[a][b]', 'x');
    assert.equal(nested.status, 400);
    const twice = await send().field('titleEn', 'x').field('titleEn', 'y');
    assert.equal(twice.status, 400);
  });

  it('a good picture does not outlive an offer that was refused', async () => {
    const before = { files: files(), rows: await rows() };
    for (const changes of [{ branchIds: [unknownId] }, { price: '-1' }, { next: 'submit', endsAt: '' }]) {
      await manager.get('/offers/new');
      const answer = await upload(
        manager,
        '/offers',
        offerFields(changes as unknown as Record<string, string | readonly string[]>),
        await picture(),
      );
      assert.equal(answer.status, 422);
      assert.match(answer.text, /Choose it once more/);
    }
    const id = await writeOffer(manager);
    await manager.get(`/offers/${id}/edit`);
    const stale = await upload(
      manager,
      `/offers/${id}`,
      offerFields({ version: '2026-01-01T00:00:00.000Z' }),
      await picture(),
    );
    assert.equal(stale.status, 409);
    assert.deepEqual({ files: files(), rows: await rows() }, before);
  });

  it('a replaced or removed one goes, unless a copy or an approval still needs it', async () => {
    const id = await written(await picture());
    const first = await imageOf(id);
    const copy = /\/offers\/([^/]+)\/edit$/.exec(
      (await manager.submit(`/offers/${id}/copies`)).get('Location')!,
    )![1]!;
    const version = async () => versionIn((await manager.get(`/offers/${id}/edit`)).text);
    await upload(manager, `/offers/${id}`, offerFields({ version: await version() }), await picture('jpeg'));
    const second = await imageOf(id);
    assert.notEqual(second, first);
    assert.ok(files().includes(`${first}.webp`), 'the copy shows it');
    await manager.submit(`/offers/${copy}/deletion`);
    assert.ok(!files().includes(`${first}.webp`));
    await manager.submit(
      `/offers/${id}`,
      offerFields({ version: await version(), removeImage: 'on', next: 'submit' }),
    );
    assert.equal(await imageOf(id), null);
    assert.ok(!files().includes(`${second}.webp`));
    assert.equal(await stateOf(portals, id), 'submitted');
  });

  it('are seen by their own market and by staff, and by nobody else: 404 as for an unknown one', async () => {
    const id = await written(await picture());
    const image = await imageOf(id);
    const basil = await portals.signIn(partnerLogin('basil', 'owner'));
    const unlike = (text: string) =>
      text.replace(/[0-9a-f-]{36}/g, '').replace(/nonce="[^"]+"|name="_csrf" value="[^"]+"/g, '');
    const [theirs, unknown, malformed] = await Promise.all(
      [image, unknownId, '..%2f..%2fetc'].map((each) => basil.get(`/images/${each}`)),
    );
    assert.equal(theirs!.status, 404);
    assert.equal(unlike(theirs!.text), unlike(unknown!.text));
    assert.equal(malformed!.status, 404);
    assert.equal((await portals.partner.browser().get(`/images/${image}`)).status, 303);
    const staff = await portals.signIn(staffLogin('support'));
    assert.equal((await staff.get(`/markets/${amber.marketId}/images/${image}`)).status, 200);
    assert.equal((await staff.get(`/images/${image}`)).status, 200);
    assert.equal((await staff.get(`/markets/${unknownId}/images/${image}`)).status, 404);
  });

  it('staff see the approved and the submitted picture side by side', async () => {
    const operator = await portals.signIn(staffLogin('operator'));
    const id = await submitOffer(manager);
    await manager.submit(`/offers/${id}/withdrawal`);
    const version = async () => versionIn((await manager.get(`/offers/${id}/edit`)).text);
    await upload(
      manager,
      `/offers/${id}`,
      offerFields({ version: await version(), next: 'submit' }),
      await picture(),
    );
    const before = await imageOf(id);
    await decide(operator, id, 'approved');
    await upload(
      manager,
      `/offers/${id}`,
      offerFields({ version: await version(), next: 'submit' }),
      await picture('webp'),
    );
    const after = await imageOf(id);
    const page = await operator.get(`/markets/${amber.marketId}/offers/${id}`);
    for (const image of [before, after]) {
      assert.ok(page.text.includes(`/markets/${amber.marketId}/images/${image}`));
      assert.equal((await operator.get(`/markets/${amber.marketId}/images/${image}`)).status, 200);
    }
  });
});
