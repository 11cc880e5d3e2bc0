import assert from 'node:assert/strict';
import { Router } from 'express';
import type pg from 'pg';
import { partner } from '../../../server/portals/partner.ts';
import type { Portal, RouterFactory } from '../../../server/portals/portal.ts';
import { survey } from '../../support/crawler/controls.ts';
import { shareOf } from '../../support/crawler/coverage.ts';
import { type Crawl, crawlPartner } from '../../support/crawler/crawl.ts';
import { keyOf } from '../../support/crawler/routes.ts';
import { openWorld, type World } from '../../support/crawler/world.ts';
import { superuserPool } from '../../support/database.ts';
import { amber } from '../../support/two-markets.ts';

/** Every mistake that the crawler is for, behind a connection that no policy binds. */
const mistakes =
  (pool: () => pg.Pool): RouterFactory =>
  () => {
    const router = Router();
    const one = async (id: unknown) =>
      (await pool().query('select * from offer where id::text = $1', [id])).rows[0];
    router.get('/leaks/offers/:id', async (req, res) => {
      const offer = await one(req.params.id);
      if (offer) res.json(offer);
      else res.status(404).json({});
    });
    // Tells no content, but whether it is there.
    router.get('/leaks/oracle/offers/:id', async (req, res) => {
      const offer = await one(req.params.id);
      const isOwn = offer?.market_id === req.scope.marketId;
      res.status(isOwn ? 200 : offer ? 403 : 404).json({});
    });
    router.post('/leaks/offers/:id/touch', async (req, res) => {
      await pool().query(`update offer set title_en = 'touched' where id::text = $1`, [req.params.id]);
      res.json({});
    });
    router.get('/leaks/list', async (req, res) => {
      const market = req.query.marketId ?? req.scope.marketId;
      res.json((await pool().query('select title_en from offer where market_id::text = $1', [market])).rows);
    });
    router.post('/leaks/body', async (req, res) => {
      const market = req.body?.marketId ?? req.scope.marketId;
      res.json((await pool().query('select title_en from offer where market_id::text = $1', [market])).rows);
    });
    router.get('/leaks/header', async (req, res) => {
      const market = req.get('x-market-id') ?? req.scope.marketId;
      res.json((await pool().query('select title_en from offer where market_id::text = $1', [market])).rows);
    });
    router.delete('/leaks/offers/:id/end', async (req, res) => {
      await pool().query('update offer set ended_at = now() where id::text = $1', [req.params.id]);
      res.json({});
    });
    router.get('/leaks/error/offers/:id', async (req, res) => {
      const offer = await one(req.params.id);
      if (offer && offer.market_id !== amber.marketId) throw new Error('not ours');
      res.status(offer ? 200 : 404).json({});
    });
    return router;
  };

describe('crawler on a portal with holes', function () {
  this.timeout(300_000);
  let world: World;
  let pool: pg.Pool;
  let crawl: Crawl;
  before(async () => {
    const holed: Portal = { ...partner, routes: [...partner.routes, mistakes(() => pool)] };
    world = await openWorld({ portals: { partner: holed } });
    pool = superuserPool(world.portals.database, 2);
    const found = await survey(world, 'partner', ({ path }) => path.startsWith('/leaks/'));
    assert.equal(shareOf(found), 1, found.without.map(keyOf).join(', '));
    crawl = await crawlPartner(world, found);
  });
  after(async () => {
    await pool?.end();
    await world?.close();
  });

  const HOLES: [string, string, RegExp][] = [
    ['a row of the other market', 'GET /leaks/offers/:id', /tells marker-basil/],
    ['that a foreign id exists', 'GET /leaks/oracle/offers/:id', /foreign ≢ unknown.*403 ≠ 404/],
    ['a write to a foreign row', 'POST /leaks/offers/:id/touch', /changed offer\//],
    ['a write by another method', 'DELETE /leaks/offers/:id/end', /changed .*\boffer\//],
    ['a market taken from the query', 'GET /leaks/list', /tells marker-basil/],
    ['a market taken from the body', 'POST /leaks/body', /tells marker-basil/],
    ['a market taken from a header', 'GET /leaks/header', /tells marker-basil/],
    ['a fault that only foreign ids cause', 'GET /leaks/error/offers/:id', /→ 500/],
  ];
  for (const [name, route, pattern] of HOLES) {
    it(`reports ${name}`, () => {
      const reported = crawl.findings.filter((finding) => finding.route === route).map(({ what }) => what);
      assert.ok(
        reported.some((what) => pattern.test(what)),
        `${route}: ${reported.join('\n') || 'nothing'}`,
      );
    });
  }
});
