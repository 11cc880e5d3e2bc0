import { basil } from '../fixture/sides.ts';
import type { Ask, Body, Pairs } from './ask.ts';
import type { Control } from './controls.ts';
import { type Ids, MALFORMED, UNKNOWN } from './ids.ts';
import { type Place, placesOf } from './places.ts';

/** Requests that must be answered alike, whatever id they carry. */
export interface Attack {
  readonly name: string;
  readonly asks: readonly Sent[];
}

export interface Sent {
  /** What the id is: somebody else's, nobody's, or none. */
  readonly kind: 'foreign' | 'unknown' | 'malformed';
  readonly ask: Ask;
  /** The id, which an answer may repeat. */
  readonly id: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const OVERRIDES = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'];

/** Names under which a careless handler might take a market or a row from a request. */
const NAMES = ['marketId', 'market_id', 'market', 'id', 'ids', 'offerId', 'branchId', 'memberId', 'actorId'];

/** Every id in the path, in turn replaced; by the route's own method and by all the others. */
export function pathAttacks({ ask }: Control, ids: Ids, foreignFor = counterpartIn(ids)): Attack[] {
  return placesOf(ask, ids)
    .filter(({ where }) => where === 'path')
    .flatMap((place) => {
      const three = alike(place, foreignFor(place.id));
      return [
        { name: `${place.name} of the path`, asks: three },
        ...METHODS.filter((method) => method !== ask.method).map((method) => ({
          name: `${place.name} of the path, by ${method}`,
          asks: fewer(three).map((sent) => ({ ...sent, ask: withMethod(sent.ask, method) })),
        })),
        ...overrides(three.slice(0, 2)),
      ];
    });
}

/** The route's own method alone: what somebody with fewer rights is tried with. */
export function plainPathAttacks({ ask }: Control, ids: Ids, foreignFor = counterpartIn(ids)): Attack[] {
  return placesOf(ask, ids)
    .filter(({ where }) => where === 'path')
    .map((place) => ({ name: `${place.name} of the path`, asks: fewer(alike(place, foreignFor(place.id))) }));
}

/** Every id in query and body, arrays and nested objects included, in turn replaced. */
export function fieldAttacks({ ask }: Control, ids: Ids): Attack[] {
  return placesOf(ask, ids)
    .filter(({ where }) => where !== 'path')
    .map((place) => ({
      name: `${place.name} of the ${place.where}`,
      asks: alike(place, counterpartIn(ids)(place.id)).slice(0, 2),
    }));
}

/** The other market's ids under every name that might mean something, where the route asks for none. */
export function extraAttacks({ ask, queryNames }: Control): Attack[] {
  const declared = ask.method === 'GET' ? queryNames.map((name) => name.replace(/\[\]$/, '')) : [];
  const all: Pairs = NAMES.map((name) => [name, '']);
  const query = (name: string, make: (id: string) => Pairs) =>
    pair(`query ${name}`, basil.marketId, (id) => withQuery(ask, make(id)));
  return [
    query('names all at once', (id) => all.map(([name]) => [name, id])),
    ...['marketId', 'marketId[]', ...declared].map((name) => query(name, (id) => [[name, id]])),
    pair('headers that name a market', basil.marketId, (id) => withHeaders(ask, id)),
    ...(ask.body ? bodyExtras(ask, ask.body, basil.marketId) : []),
  ];
}

function bodyExtras(ask: Ask, body: Body, foreign: string): Attack[] {
  if (body.kind === 'json') return jsonExtras(ask, body.value as object, foreign);
  if (body.kind === 'raw') return [];
  const add = (more: Pairs): Ask => ({ ...ask, body: { ...body, fields: [...body.fields, ...more] } });
  const taken = new Set(body.fields.map(([name]) => name));
  const free = NAMES.filter((name) => !taken.has(name));
  return [
    pair('all names in the body', foreign, (id) => add(free.map((name) => [name, id]))),
    pair('body marketId[]', foreign, (id) => add([['marketId[]', id]])),
    pair('body market[connect][id]', foreign, (id) => add([['market[connect][id]', id]])),
    pair('JSON in place of a form', foreign, (id) => ({
      ...ask,
      body: { kind: 'json', value: { ...Object.fromEntries(body.fields), marketId: id } },
    })),
  ];
}

function jsonExtras(ask: Ask, value: object, foreign: string): Attack[] {
  const json = (changed: unknown): Ask => ({ ...ask, body: { kind: 'json', value: changed } });
  return [
    ...['marketId', 'market_id', 'id']
      .filter((name) => !(name in value))
      .map((name) => pair(`body ${name}`, foreign, (id) => json({ ...value, [name]: id }))),
    pair('body market.connect.id', foreign, (id) => json({ ...value, market: { connect: { id } } })),
    pair('body where.marketId', foreign, (id) => json({ ...value, where: { marketId: { equals: id } } })),
    pair('body within data', foreign, (id) => json({ data: { ...value, marketId: id } })),
    pair('a list of bodies', foreign, (id) => json([{ ...value, marketId: id }])),
    pair('a form in place of JSON', foreign, (id) => ({
      ...ask,
      body: { kind: 'form', fields: [['marketId', id]] },
    })),
  ];
}

const counterpartIn =
  (ids: Ids) =>
  (id: string): string | undefined =>
    ids.counterpart.get(id);

function alike(place: Place, foreign: string | undefined): Sent[] {
  const sent = (kind: Sent['kind'], id: string): Sent => ({ kind, id, ask: place.with(id) });
  return [
    ...(foreign ? [sent('foreign', foreign)] : []),
    sent('unknown', UNKNOWN),
    ...MALFORMED.map((id) => sent('malformed', id)),
  ];
}

/** One of the malformed ids is enough where the others were tried before. */
const fewer = (asks: readonly Sent[]): Sent[] => [
  ...asks.filter(({ kind }) => kind !== 'malformed'),
  ...asks.slice(-1),
];

function pair(name: string, foreign: string, make: (id: string) => Ask): Attack {
  return {
    name,
    asks: [
      { kind: 'foreign', id: foreign, ask: make(foreign) },
      { kind: 'unknown', id: UNKNOWN, ask: make(UNKNOWN) },
    ],
  };
}

function overrides(asks: readonly Sent[]): Attack[] {
  const by = (name: string, change: (ask: Ask) => Ask): Attack => ({
    name: `path, method overridden by ${name}`,
    asks: asks.map((sent) => ({ ...sent, ask: change(sent.ask) })),
  });
  const headers = Object.fromEntries(OVERRIDES.map((name) => [name, 'DELETE']));
  return [
    by('headers', (ask) => ({ ...withMethod(ask, 'POST'), headers })),
    by('_method', (ask) => ({
      ...withQuery(ask, [['_method', 'DELETE']]),
      method: 'POST',
      body: { kind: 'form', fields: [['_method', 'DELETE']] },
    })),
  ];
}

function withMethod({ body, ...ask }: Ask, method: string): Ask {
  const carries = !['GET', 'HEAD', 'OPTIONS'].includes(method);
  return { ...ask, method, ...(carries ? { body: body ?? { kind: 'json', value: {} } } : {}) };
}

const withQuery = (ask: Ask, more: Pairs): Ask => ({ ...ask, query: [...(ask.query ?? []), ...more] });

function withHeaders(ask: Ask, id: string): Ask {
  const names = ['X-Market-Id', 'X-Market', 'X-Tenant-Id', 'X-Bulkhead-Market', 'X-Scope', 'X-User-Id'];
  return { ...ask, headers: { ...ask.headers, ...Object.fromEntries(names.map((name) => [name, id])) } };
}
