import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Express } from 'express';
import request from 'supertest';
import { loadAssets } from '../../server/http/assets.ts';
import { bodies } from '../../server/http/bodies.ts';
import { queryParameters } from '../../server/http/parameters.ts';
import { preferenceRoutes } from '../../server/http/preferences.routes.ts';
import { renderer } from '../../server/http/render.ts';
import { loadMessages } from '../../server/i18n/i18n.ts';
import { messages, modules, views } from '../../server/paths.ts';

const VIEW = `<p id="name"><%= query.name %></p><a href="<%= withQuery({ page: 2, q: null }) %>">next</a>
<%= part('form/field', { name: 'title', label: 'Title', hint: 'Short.', required: true }) %><%- include('/sample/inner') %>`;

describe('rendering', () => {
  let folder: string;
  let app: Express;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-views-'));
    for (const part of ['layouts', 'partials', 'assets']) symlinkSync(join(views, part), join(folder, part));
    mkdirSync(join(folder, 'sample'));
    writeFileSync(join(folder, 'sample/page.ejs'), VIEW);
    writeFileSync(join(folder, 'sample/inner.ejs'), '<i id="inner"><%= title %></i>');
    app = sample(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('puts a view into the frame of its portal and market', async () => {
    const { text } = await request(app).get('/offers').expect(200);
    assert.match(text, /<html lang="en" dir="ltr" data-portal="partner" data-theme="auto">/);
    assert.match(text, /<title>Tom &amp; Co\. · Offers &lt;1&gt;<\/title>/);
    assert.match(text, /href="\/offers" aria-current="page"/);
    assert.doesNotMatch(text, /href="\/team"/);
    assert.match(text, /<i id="inner">Offers &lt;1&gt;<\/i>/);
  });

  it('escapes what came with the request', async () => {
    const { text } = await request(app).get('/offers').query({ name: '<script>alert(1)</script>', q: 'x' });
    assert.match(text, /<p id="name">&lt;script&gt;alert\(1\)&lt;\/script&gt;<\/p>/);
    assert.match(text, /href="\/offers\?name=%3Cscript%3Ealert%281%29%3C%2Fscript%3E&amp;page=2"/);
  });

  it('answers htmx with the part that it fills, the whole page when it asks for that, and says so in Vary', async () => {
    const partial = await request(app)
      .get('/offers')
      .set({ 'HX-Request': 'true', 'HX-Request-Type': 'partial' });
    assert.equal(partial.text, '<i id="inner">Offers &lt;1&gt;</i>');
    assert.match(partial.headers.vary!, /HX-Request, HX-Request-Type/);
    const full = await request(app).get('/offers').set({ 'HX-Request': 'true', 'HX-Request-Type': 'full' });
    assert.match(full.text, /^<!doctype html>/);
    assert.match(full.headers.vary!, /HX-Request, HX-Request-Type/);
  });

  it('makes htmx reload instead of showing sign-in inside a list', async () => {
    const { headers } = await request(app)
      .get('/sign-in')
      .set({ 'HX-Request': 'true', 'HX-Request-Type': 'partial' });
    assert.equal(headers['hx-refresh'], 'true');
  });

  it('joins a field to its hint and its error, and keeps what was typed', async () => {
    const { text } = await request(app).get('/bad').expect(422);
    assert.match(text, /<label class="field-label" for="f-title">Title/);
    assert.match(
      text,
      /value="&#34;&gt;&lt;img&gt;" id="f-title" name="title" required aria-describedby="f-title-hint f-title-error" aria-invalid="true"/,
    );
    assert.match(text, /id="f-title-error">.*<span>Nothing here yet<\/span>/s);
  });

  it('chooses the language by cookie, then account, then browser', async () => {
    const lang = async (headers: Record<string, string>, path = '/offers') =>
      /<html lang="(\w+)" dir="(\w+)"/
        .exec((await request(app).get(path).set(headers)).text)
        ?.slice(1)
        .join();
    assert.equal(await lang({ 'Accept-Language': 'ar-SA,ar;q=0.9,en;q=0.8' }), 'ar,rtl');
    assert.equal(await lang({ 'Accept-Language': 'ar', Cookie: 'bulkhead-locale=en' }), 'en,ltr');
    assert.equal(await lang({ 'Accept-Language': 'en' }, '/arabic-account'), 'ar,rtl');
    assert.equal(await lang({ 'Accept-Language': 'fr', Cookie: 'bulkhead-locale=<x>' }), 'en,ltr');
  });

  it('keeps a preference and goes back, but nowhere else', async () => {
    const kept = await request(app)
      .post('/locale')
      .type('form')
      .send({ locale: 'ar', back: '/offers?q=a' })
      .expect(303);
    assert.equal(kept.headers.location, '/offers?q=a');
    assert.match(
      String(kept.headers['set-cookie']),
      /^bulkhead-locale=ar; Max-Age=31536000; Path=\/; .*HttpOnly; Secure; SameSite=Lax/,
    );
    const bad = await request(app)
      .post('/theme')
      .type('form')
      .send({ theme: 'x"', back: '//evil.example' })
      .expect(303);
    assert.equal(bad.headers.location, '/');
    assert.equal(bad.headers['set-cookie'], undefined);
  });

  it('serves assets for a year under their version, compressed, and nothing outside its list', async () => {
    const page = await request(app).get('/offers');
    const css = /href="(\/assets\/css\/app\.css\?v=[\w-]+)"/.exec(page.text)![1]!;
    const served = await request(app).get(css).set('Accept-Encoding', 'br').expect(200);
    assert.equal(served.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(served.headers['content-encoding'], 'br');
    const stale = await request(app).get('/assets/css/app.css?v=old').expect(200);
    assert.equal(stale.headers['cache-control'], 'no-cache');
    await request(app).get('/assets/css/app.css').set('If-None-Match', stale.headers.etag!).expect(304);
    for (const path of [
      'css/tokens.css',
      'fonts/../../../package.json',
      'fonts/..%2f..%2fpackage.json',
      'js/',
      '__proto__',
    ]) {
      await request(app).get(`/assets/${path}`).expect(404);
    }
  });

  it('versions the fonts that the style sheet names', async () => {
    const { text } = await request(app)
      .get('/assets/css/app.css')
      .set('Accept-Encoding', 'identity')
      .expect(200);
    const fonts = [...text.matchAll(/url\("([^"]+)"\)/g)].map((match) => match[1]!);
    assert.equal(fonts.length, 6);
    for (const font of fonts) {
      const { headers } = await request(app).get(font).expect(200);
      assert.match(headers['cache-control']!, /immutable/);
    }
    assert.doesNotMatch(text, /@import/);
  });
});

function sample(folder: string): Express {
  const assets = loadAssets({ views: folder, modules });
  const nav = [
    { href: '/offers', label: 'common:nav.offers', icon: 'tag' },
    { href: '/team', label: 'common:nav.team', icon: 'users', roles: ['owner'] },
  ] as const;
  const app = express().set('query parser', false).set('etag', false);
  app.use(renderer({ portal: 'partner', views: folder, assets, messages: loadMessages(messages), nav }));
  app.use(queryParameters(), assets.router, ...bodies(), preferenceRoutes({ secure: true }));
  app.use((req, res, next) => {
    const locale = req.path === '/arabic-account' ? 'ar' : undefined;
    res.locals.user = { name: 'Ana', role: 'analyst', locale };
    res.locals.market = { nameEn: 'Tom & Co.', nameAr: 'توم', timeZone: 'Asia/Riyadh', currency: 'SAR' };
    next();
  });
  const page = { title: 'Offers <1>' };
  app.get('/sign-in', (_req, res) => res.page('sample/page', page, { layout: 'plain' }));
  app.get('/bad', (_req, res) =>
    res.page(
      'sample/page',
      { ...page, values: { title: '"><img>' }, errors: { title: 'common:list.nothing' } },
      { status: 422 },
    ),
  );
  app.get(['/offers', '/arabic-account'], (_req, res) =>
    res.page('sample/page', page, { fragment: 'sample/inner' }),
  );
  return app;
}
