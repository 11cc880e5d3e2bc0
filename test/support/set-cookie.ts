export interface SetCookie {
  readonly name: string;
  /** As it stands in the header, still encoded. */
  readonly value: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Whether it removes the cookie. */
  readonly isOver: boolean;
}

export function parseSetCookie(line: string): SetCookie {
  const [pair = '', ...rest] = line.split(';');
  const at = pair.indexOf('=');
  const attributes = Object.fromEntries(
    rest.map((part) => {
      const [name = '', value = ''] = part.trim().split('=');
      return [name.toLowerCase(), value];
    }),
  );
  const isOver = attributes.expires !== undefined && new Date(attributes.expires).getTime() <= Date.now();
  return { name: pair.slice(0, at), value: pair.slice(at + 1), attributes, isOver };
}
