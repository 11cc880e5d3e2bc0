import { type Request, type Response, Router } from 'express';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { idParam } from '../../http/ids.ts';
import { createUploads } from '../../images/uploads.ts';
import { listOpenBranches, listOpenCategories } from '../places.queries.ts';
import { sendPicture } from '../send-picture.ts';
import { showBranch, showCategoryRow, showOffer } from '../storefront.answers.ts';
import { encodePlace, type OfferSearch, readSearch } from '../storefront.input.ts';
import { findOpenOffer, listOpenOffers } from '../storefront.queries.ts';
import { headOf } from './hosted-head.ts';
import { businessData, graph, listData, offerData } from './structured-data.ts';

const SORTS = ['newest', 'ending', 'price', '-price', 'discount'] as const;
const PAGE = '12';
/** What messengers show below a title. */
const DESCRIPTION = 160;

type Parts = Pick<Deps, 'config' | 'uploadsDir'> & {
  readonly onView: (req: Request, res: Response, offerId: string) => void;
};

/** The market's list, and a page for each offer: the same queries as the public API's. */
export function hostedOffersRoutes({ config, uploadsDir, onView }: Parts): Router {
  const { publicUrl } = config;
  const uploads = createUploads(uploadsDir);
  const router = Router({ mergeParams: true });
  const homeOf = (req: Request) => `${publicUrl}/m/${req.open.market.slug}`;
  const imageUrl = (req: Request) => (id: string) => `${homeOf(req)}/images/${id}`;

  router.get('/', async (req, res) => {
    const { direct, market } = req.open;
    const { search, isWhole, problem } = readFilters(req.query);
    const [found, categories, branches] = await Promise.all([
      listOpenOffers(direct, search),
      listOpenCategories(direct),
      listOpenBranches(direct, null),
    ]);
    const offers = found.rows.map((row) => showOffer(row, imageUrl(req)));
    const shown = branches.map(showBranch);
    const home = homeOf(req);
    const data = graph(
      ...businessData(req.locale, market, home, shown),
      listData(
        offers.map((offer) => offerData(req.locale, market, offer, `${home}/offers/${offer.id}`, home)),
      ),
    );
    const name = req.locale === 'ar' ? market.nameAr : market.nameEn;
    const description = req.t('hosted:listDescription', { market: name });
    const head = headOf(req, publicUrl, {
      ...{ path: '', description, picture: offers[0]?.image ?? null, data, isIndexed: isWhole },
    });
    const filters = { categories: categories.map(showCategoryRow), branches: shown, sorts: SORTS };
    const next = found.next && encodePlace(search.sort, found.next);
    res.page(
      'hosted/index',
      { ...{ title: req.t('hosted:listTitle'), head, offers, search, problem, isWhole, next }, ...filters },
      { layout: 'hosted' },
    );
  });

  router.get('/offers/:id', async (req, res) => {
    const { direct, market } = req.open;
    const offer = showOffer(await findOpenOffer(direct, idParam(req)), imageUrl(req));
    const home = homeOf(req);
    const data = graph(offerData(req.locale, market, offer, `${home}/offers/${offer.id}`, home));
    const head = headOf(req, publicUrl, {
      ...{ path: `/offers/${offer.id}`, picture: offer.image, data, isIndexed: true },
      description: shortened(offer.text[req.locale]),
    });
    onView(req, res, offer.id);
    res.page('hosted/offer', { title: offer.title[req.locale], head, offer }, { layout: 'hosted' });
  });

  router.get('/images/:id', (req, res) => sendPicture(req, res, uploads));
  return router;
}

/** The filters of the address. What nobody can mean is left out and told: a page must not end at a mistyped link. */
function readFilters(query: Record<string, unknown>) {
  const { category, branch, sort, q, cursor } = query;
  const given = { category, branch, sort, q, cursor };
  const isWhole = Object.values(given).every((value) => value === undefined || value === '');
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const read = (values: Record<string, unknown>): OfferSearch => readSearch({ ...values, limit: PAGE });
  try {
    return { search: read(known), isWhole, problem: false };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { search: read({}), isWhole: false, problem: true };
  }
}

const shortened = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return [...line].length <= DESCRIPTION ? line : `${[...line].slice(0, DESCRIPTION - 1).join('')}…`;
};
