import type { Request, RequestHandler, Response } from 'express';
import { networkOf } from '../../auth/throttle.ts';
import type { Database } from '../../db/client.ts';
import { sql } from '../../db/direct.ts';
import type { OpenDeps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import { answerLimit } from '../../http/rate-limit.ts';
import { traced, visitorScope } from '../../market/scope.ts';
import type { OpenMarket } from '../open-request.ts';
import { openRequest } from '../public-auth.ts';

const SLUG = /^[a-z0-9-]{2,63}$/;

/**
 * Whose page it is, by its address: `req.open` under the scope of a visitor. The partner's own login is never asked.
 * An unknown market, one that is not active and an address that is none are one and the same 404.
 */
export function hostedMarket({ database, limits }: Pick<OpenDeps, 'database' | 'limits'>): RequestHandler {
  return async (req, res, next) => {
    const slug = String(req.params.slug);
    const network = networkOf(req.ip ?? '');
    answerLimit(res, limits.count(limits.requests, `page:${network}`));
    const market = SLUG.test(slug) ? await findMarket(database, slug, req.receipt) : null;
    if (!market) throw notFound();
    req.open = openRequest(database, traced(visitorScope(market.id, req.receipt), req.trace), market, null);
    dress(req, res, market);
    next();
  };
}

type MarketRow = { slug: string; name_en: string; name_ar: string; locale: 'en' | 'ar' } & {
  time_zone: string;
  currency: string;
};

async function findMarket(database: Database, slug: string, receipt: string): Promise<OpenMarket | null> {
  const [named] = await database
    .direct(visitorScope(null, receipt))
    .rows<{ id: string | null }>(sql`select app.market_of_slug(${slug}) as id`);
  if (!named?.id) return null;
  const { id } = named;
  const [row] = await database.direct(visitorScope(id, receipt)).rows<MarketRow>(sql`
    select slug, name_en, name_ar, locale, time_zone, currency from market where id = ${id}`);
  if (!row) return null;
  const { name_en: nameEn, name_ar: nameAr, locale, time_zone: timeZone, currency } = row;
  return { id, slug: row.slug, nameEn, nameAr, locale, timeZone, currency };
}

/** What every page of the market is rendered with. */
function dress(req: Request, res: Response, market: OpenMarket): void {
  const { nameEn, nameAr, timeZone, currency, slug } = market;
  res.locals.market = { nameEn, nameAr, timeZone, currency };
  const asked = res.locals.askedLocale as string | undefined;
  res.locals.hosted = {
    slug,
    /** An address of this market's pages, in the language that the reader has chosen by a link. */
    to: (path = '', query: Record<string, string | null | undefined> = {}) =>
      address(`/m/${slug}${path}`, { ...query, lang: query.lang ?? asked }),
    isSignedIn: false,
    place: req.path.split('/')[1] ?? '',
  };
}

export function address(path: string, query: Record<string, string | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) params.set(name, value);
  return params.size > 0 ? `${path}?${params}` : path;
}
