import request, { type Response, type Test } from 'supertest';
import { parseSetCookie } from './set-cookie.ts';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options';
type Fields = Record<string, string | readonly string[] | undefined>;

interface ApiOptions {
  readonly token?: string;
  readonly body?: unknown;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
}

/**
 * A browser for tests: keeps Secure cookies over plain HTTP, as browsers do on localhost, follows no redirects, and
 * remembers the CSRF token of the last page it saw.
 */
export class Browser {
  readonly url: string;
  readonly cookies = new Map<string, string>();
  csrf = '';

  constructor(url: string) {
    this.url = url;
  }

  /** A second window of the same person: same cookies from now on independently. */
  copy(): Browser {
    const other = new Browser(this.url);
    for (const [name, value] of this.cookies) other.cookies.set(name, value);
    other.csrf = this.csrf;
    return other;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.send(
      request(this.url)
        .get(path)
        .set({ Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin', ...headers }),
    );
  }

  /** Sends a form as the last page would; a list's name gets its `[]`. */
  submit(path: string, fields: Fields = {}, headers: Record<string, string> = {}): Promise<Response> {
    const body = new URLSearchParams({ _csrf: this.csrf });
    for (const [name, value] of Object.entries(fields)) {
      if (Array.isArray(value)) for (const each of value) body.append(`${name}[]`, each);
      else if (value !== undefined) body.append(name, value as string);
    }
    const sent = request(this.url).post(path).type('form').send(body.toString());
    return this.send(sent.set({ Accept: 'text/html', 'Sec-Fetch-Site': 'same-origin', ...headers }));
  }

  /** Any request with this browser's cookies, exactly as given. */
  raw(method: Method, path: string): Test {
    const sent = request(this.url)[method](path).redirects(0);
    return this.cookies.size > 0 ? sent.set('Cookie', this.cookieHeader()) : sent;
  }

  /** Below /api/v1, with a Bearer token and without cookies. */
  async api(
    method: Method,
    path: string,
    { token, body, query, headers = {} }: ApiOptions = {},
  ): Promise<Response> {
    const sent = request(this.url)[method](`/api/v1${path}`).set(headers);
    if (token) sent.set('Authorization', `Bearer ${token}`);
    if (query) sent.query(query);
    return body === undefined ? sent : sent.send(body as object);
  }

  cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private async send(sent: Test): Promise<Response> {
    if (this.cookies.size > 0) sent.set('Cookie', this.cookieHeader());
    const answer = await sent.redirects(0).ok(() => true);
    this.keep(answer);
    return answer;
  }

  /** Takes over what an answer sets: cookies, and the token of its forms. */
  keep(answer: Response): void {
    for (const line of [answer.get('Set-Cookie') ?? []].flat()) {
      const { name, value, isOver } = parseSetCookie(line);
      if (isOver) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const found = /name="_csrf" value="([^"]+)"/.exec(answer.text ?? '');
    if (found?.[1]) this.csrf = found[1];
  }
}
