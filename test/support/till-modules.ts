import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { views } from '../../server/paths.ts';

/** One of the till's own modules, of those that need no browser. They are plain scripts without types. */
// biome-ignore lint/suspicious/noExplicitAny: a script has no types to give
export const tillModule = (name: string): Promise<any> =>
  import(pathToFileURL(join(views, 'assets/till', `${name}.js`)).href);
