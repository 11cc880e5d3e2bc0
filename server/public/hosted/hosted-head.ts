import type { Request, Response } from 'express';
import { Markup } from '../../http/markup.ts';
import { address } from './hosted-market.ts';

interface Picture {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

export interface HeadOptions {
  /** Of the market's pages, without language or query: '' or '/offers/…'. */
  readonly path: string;
  readonly description: string;
  readonly picture?: Picture | null;
  readonly data?: object;
  /** A choice of rows or somebody's own page is nothing to find by search. */
  readonly isIndexed: boolean;
}

/** What search engines and messengers read of a page: addresses are absolute. */
export function headOf(req: Request, publicUrl: string, { path, data, ...rest }: HeadOptions) {
  const page = `${publicUrl}/m/${req.open.market.slug}${path}`;
  const inLanguage = (lang: string) => address(page, { lang });
  return {
    ...rest,
    canonical: inLanguage(req.locale),
    neutral: page,
    alternates: (['en', 'ar'] as const).map((lang) => ({ lang, href: inLanguage(lang) })),
    data: data ? dataBlock(data) : null,
  };
}

/** JSON inside of a script element: no `<` may end it, and none of it is ever run. */
const dataBlock = (data: object) => new Markup(JSON.stringify(data).replaceAll('<', '\\u003c'));

/** A page of shoppers' own: nothing of it is for search engines. */
export function privatePage(
  req: Request,
  res: Response,
  publicUrl: string,
  view: string,
  locals: Record<string, unknown> & { title: string },
  status = 200,
): void {
  const head = headOf(req, publicUrl, { path: '', description: '', isIndexed: false });
  res.page(`hosted/${view}`, { ...locals, head }, { status, layout: 'hosted' });
}
