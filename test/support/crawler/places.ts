import type { Ask, Pairs } from './ask.ts';
import type { Ids } from './ids.ts';

/** One id in a request, and the same request with another in its place. */
export interface Place {
  readonly where: 'path' | 'query' | 'body';
  readonly name: string;
  readonly id: string;
  with(id: string): Ask;
}

/** Every place of a request where an id of the fixture stands. */
export function placesOf(ask: Ask, ids: Ids): Place[] {
  const isOwn = (value: unknown): value is string => typeof value === 'string' && ids.known.has(value);
  return [...pathPlaces(ask, isOwn), ...queryPlaces(ask, isOwn), ...bodyPlaces(ask, isOwn)];
}

type IsOwn = (value: unknown) => value is string;

function pathPlaces(ask: Ask, isOwn: IsOwn): Place[] {
  const words = ask.path.split('/');
  return words.flatMap((word, index) =>
    isOwn(word)
      ? [
          {
            where: 'path' as const,
            name: `${words[index - 1]} id`,
            id: word,
            with: (id: string) => ({ ...ask, path: words.with(index, id).join('/') }),
          },
        ]
      : [],
  );
}

function queryPlaces(ask: Ask, isOwn: IsOwn): Place[] {
  return pairPlaces(ask.query ?? [], isOwn).map(({ name, id, change }) => ({
    ...{ where: 'query' as const, name, id },
    with: (other) => ({ ...ask, query: change(other) }),
  }));
}

function bodyPlaces(ask: Ask, isOwn: IsOwn): Place[] {
  const { body } = ask;
  if (body?.kind === 'form' || body?.kind === 'multipart') {
    return pairPlaces(body.fields, isOwn).map(({ name, id, change }) => ({
      ...{ where: 'body' as const, name, id },
      with: (other) => ({ ...ask, body: { ...body, fields: change(other) } }),
    }));
  }
  if (body?.kind !== 'json') return [];
  return jsonPlaces(body.value, isOwn).map(({ path, id, change }) => ({
    ...{ where: 'body' as const, name: path, id },
    with: (other) => ({ ...ask, body: { kind: 'json', value: change(other) } }),
  }));
}

function pairPlaces(pairs: Pairs, isOwn: IsOwn) {
  return pairs.flatMap(([name, id], index) =>
    isOwn(id) ? [{ name, id, change: (other: string): Pairs => pairs.with(index, [name, other]) }] : [],
  );
}

interface JsonPlace {
  readonly path: string;
  readonly id: string;
  change(id: string): unknown;
}

function jsonPlaces(value: unknown, isOwn: IsOwn, path = ''): JsonPlace[] {
  if (isOwn(value)) return [{ path, id: value, change: (id) => id }];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      jsonPlaces(item, isOwn, `${path}[${index}]`).map((place) => ({
        ...place,
        change: (id: string) => value.with(index, place.change(id)),
      })),
    );
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    jsonPlaces(item, isOwn, path ? `${path}.${key}` : key).map((place) => ({
      ...place,
      change: (id: string) => ({ ...value, [key]: place.change(id) }),
    })),
  );
}
