import request, { type Test } from 'supertest';
import { keyText } from '../../server/public/publishable-key.ts';
import type { TestPortal } from './http.ts';

type Method = 'get' | 'post' | 'patch' | 'delete' | 'options';

/** Asks below /public/v1 as a page with this key would: `ask('get', '/offers', amber.key)`. */
export const asker =
  ({ url }: Pick<TestPortal, 'url'>) =>
  (method: Method, path: string, key: string | null, headers: Record<string, string> = {}): Test => {
    const asked = request(url)[method](`/public/v1${path}`).set(headers);
    return key ? asked.set('Bulkhead-Key', keyText(key)) : asked;
  };
