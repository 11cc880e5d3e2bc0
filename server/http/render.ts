import { join } from 'node:path';
import ejs from 'ejs';
import type { Request, RequestHandler, Response } from 'express';
import { type ChartKit, charts } from '../charts/charts.ts';
import type { Messages, Translate } from '../i18n/i18n.ts';
import type { Assets } from './assets.ts';
import { type FieldProps, fieldView } from './field.ts';
import { formats, type Locale } from './format.ts';
import type { IconName } from './icons.ts';
import { localeOf, type Theme, themeOf } from './locale.ts';
import { attrs, escapeHtml, Markup } from './markup.ts';

/** Where times are shown before a market is known, and in the admin portal, which spans markets. */
const PLATFORM_TIME_ZONE = 'Asia/Riyadh';

export interface NavItem {
  readonly href: string;
  /** Message key, e.g. 'common:nav.offers'. */
  readonly label: string;
  readonly icon: IconName;
  /** Pages that belong to it although their address begins otherwise. */
  readonly also?: RegExp;
  /** Roles that see it; everyone when absent. */
  readonly roles?: readonly string[];
}

export interface PageMarket {
  readonly nameEn: string;
  readonly nameAr: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly locale?: string;
  readonly logo?: string | undefined;
  /** Support asks to look at it, or does so. */
  readonly supportNotices?: readonly ('asked' | 'open')[];
}

export interface PageUser {
  readonly name: string;
  readonly role: string;
  readonly email?: string;
  readonly locale?: string | undefined;
}

/** What earlier middleware may leave in `res.locals` for the page. */
export interface PageLocals {
  nonce?: string;
  csrf?: string;
  user?: PageUser;
  market?: PageMarket;
  /** A support session: the page is framed, titled and marked as one, and shows nothing that could be sent. */
  support?: SupportLocals;
  /** Alarms that nobody has acknowledged, on the admin portal. */
  alarms?: number;
  /** Set on a market's hosted pages: they have a layout of their own, error pages too. */
  hosted?: HostedLocals;
  flash?: readonly { kind: 'ok' | 'warn' | 'error' | 'info'; text: string }[];
}

/** What every page of a support session knows of it. */
export interface SupportLocals {
  readonly name: string;
  readonly reason: string;
  readonly expiresAt: Date;
  readonly minutesLeft: number;
  readonly endHref: string;
  /** Whether the session may look at an address: links to others are left out. */
  readonly isSeen: (address: string) => boolean;
}

/** What every hosted page knows of itself. */
export interface HostedLocals {
  readonly slug: string;
  /** An address below the market's own, in the language that the reader chose. */
  readonly to: (path?: string, query?: Record<string, string | null | undefined>) => string;
  isSignedIn: boolean;
  /** The first part of the path below the market's address. */
  readonly place: string;
}

export interface PageOptions {
  readonly status?: number;
  /** The view for an htmx request that fills one part of the page; the page's own view when absent. */
  readonly fragment?: string;
  /** 'app' has the portal's frame; 'plain' is for sign-in and errors; 'hosted' is the market's own. */
  readonly layout?: 'app' | 'plain' | 'hosted';
}

export interface RenderOptions {
  readonly portal: 'admin' | 'partner';
  readonly views: string;
  readonly assets: Assets;
  readonly messages: Messages;
  readonly nav: readonly NavItem[];
}

declare module 'express-serve-static-core' {
  interface Response {
    /** Renders a view inside its layout, or alone for an htmx request. `locals.title` names the page. */
    page(view: string, locals?: Record<string, unknown>, options?: PageOptions): void;
  }
  interface Request {
    t: Translate;
    locale: Locale;
  }
}

/** Gives every response `page()`, and every request its `locale` and `t`. */
export function renderer(options: RenderOptions): RequestHandler {
  const templates = templateCache(options.views);
  return (req, res, next) => {
    // Asked on use: the account's own language is known only after sign-in ran, behind this middleware.
    const locale = () => localeOf(req, (res.locals as PageLocals).user?.locale);
    Object.defineProperty(req, 'locale', { get: locale, configurable: true });
    Object.defineProperty(req, 't', { get: () => options.messages.translator(locale()), configurable: true });
    res.page = (view, locals = {}, pageOptions = {}) => {
      const base = baseLocals(options, templates, req, res, locals);
      const partial = wantsFragment(req);
      // The session ended while a list was open: sign-in must not appear inside it.
      if (partial && pageOptions.layout === 'plain') res.set('HX-Refresh', 'true');
      const body = templates(partial ? (pageOptions.fragment ?? view) : view)({ ...base, ...locals });
      const layout = templates(`layouts/${pageOptions.layout ?? 'app'}`);
      res.vary('HX-Request').vary('HX-Request-Type').vary('Cookie');
      res.status(pageOptions.status ?? 200).type('html');
      res.send(
        partial ? body : layout({ ...base, title: locals.title, head: locals.head, body: new Markup(body) }),
      );
    };
    next();
  };
}

type Template = (locals: Record<string, unknown>) => string;

/** Compiled once each and kept: a template file is never read while serving. */
function templateCache(views: string): (name: string) => Template {
  const compiled = new Map<string, Template>();
  return (name) => {
    const found = compiled.get(name);
    if (found) return found;
    if (!/^[a-z0-9/-]+$/.test(name)) throw new Error(`Not a view: ${name}`);
    const filename = join(views, `${name}.ejs`);
    const source = ejs.fileLoader(filename).toString();
    const options = { filename, root: views, cache: true, escape: escapeHtml };
    const template = ejs.compile(source, options) as unknown as Template;
    compiled.set(name, template);
    return template;
  };
}

/** htmx 4 says 'partial' when it fills an element and 'full' when it wants the page; history wants the page. */
function wantsFragment(req: Request): boolean {
  return req.get('HX-Request') === 'true' && req.get('HX-Request-Type') === 'partial';
}

function baseLocals(
  options: RenderOptions,
  templates: (name: string) => Template,
  req: Request,
  res: Response,
  page: Record<string, unknown>,
) {
  const shared = res.locals as PageLocals;
  const { locale, t } = req;
  const dir = locale === 'ar' ? 'rtl' : 'ltr';
  const market = shared.market && pageMarket(shared.market, locale);
  const fmt = formats(locale, market?.timeZone ?? PLATFORM_TIME_ZONE);
  const theme: Theme = themeOf(req);
  const chart: ChartKit = charts({ t, fmt, dir });
  const base = {
    ...{
      t,
      locale,
      dir,
      theme,
      fmt,
      chart,
      market,
      user: shared.user,
      support: shared.support,
      alarms: shared.alarms ?? 0,
      hosted: shared.hosted,
      portal: options.portal,
    },
    ...{ asset: options.assets.asset, icon: options.assets.icon, attrs },
    ...{ nonce: shared.nonce ?? '', flash: shared.flash ?? [] },
    // Read when printed: asking for the token sets a cookie, which a page without forms doesn't need.
    csrf: { toString: () => shared.csrf ?? '' },
    ...{ path: req.originalUrl.split('?')[0]!, url: req.originalUrl, query: req.query },
    values: (page.values ?? {}) as Record<string, unknown>,
    errors: (page.errors ?? {}) as Record<string, unknown>,
    nav: visibleNav(options.nav, shared, req.originalUrl),
    withQuery: (changes: Record<string, unknown>) => withQuery(req.originalUrl, changes),
    message: (text: unknown) => message(text, t, options.messages),
    field: (props: FieldProps) => fieldView(props, base),
    part: (name: string, props: Record<string, unknown> = {}): Markup =>
      new Markup(templates(`partials/${name}`)({ ...base, ...props })),
  };
  return base;
}

function pageMarket(market: PageMarket, locale: Locale) {
  return { ...market, name: locale === 'ar' ? market.nameAr : market.nameEn };
}

/** The items a role may see; the one with the longest matching address is current. */
function visibleNav(nav: readonly NavItem[], { user, support }: PageLocals, url: string) {
  const path = url.split('?')[0]!;
  const seen = nav.filter(
    ({ roles, href }) => (!roles || roles.includes(user?.role ?? '')) && (support?.isSeen(href) ?? true),
  );
  const matches = seen.filter(
    (item) => path === item.href || (item.href !== '/' && path.startsWith(`${item.href}/`)),
  );
  const longest = matches.sort((a, b) => b.href.length - a.href.length)[0];
  const current = seen.find(({ also }) => also?.test(path)) ?? longest;
  return seen.map((item) => ({ ...item, current: item === current }));
}

/** This page's address with some parameters changed; null or '' removes one. */
function withQuery(originalUrl: string, changes: Record<string, unknown>): string {
  const [path = '/', search = ''] = originalUrl.split('?');
  const params = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === '') params.delete(name);
    else params.set(name, String(value));
  }
  return params.size > 0 ? `${path}?${params}` : path;
}

/** A message key ('offers:errors.tooLong'), a key with values (['…', { max: 80 }]) or plain text. */
function message(value: unknown, t: Translate, messages: Messages): string {
  const [key, values] = (Array.isArray(value) ? value : [value]) as [
    unknown,
    Record<string, unknown> | undefined,
  ];
  const text = String(key ?? '');
  return /^[a-z-]+:\S+$/i.test(text) && messages.has(text) ? t(text, values) : text;
}
