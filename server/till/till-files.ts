import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AssetFile, type Assets, pack } from '../http/assets.ts';
import { bundleScript, valueModule } from '../http/script-bundle.ts';
import { LOCALES, type Messages, readCatalogue } from '../i18n/i18n.ts';
import { moduleAddress, pageAssets, tillPage } from './till-page.ts';

export interface TillParts {
  readonly views: string;
  /** node_modules */
  readonly modules: string;
  /** The folder of message catalogues. */
  readonly catalogues: string;
  readonly assets: Assets;
  readonly messages: Messages;
  readonly publicUrl: string;
}

export interface TillFiles {
  readonly build: string;
  readonly page: string;
  readonly worker: AssetFile;
  /** Modules by their name below the build's address. */
  readonly files: ReadonlyMap<string, AssetFile>;
}

/** In the service worker, which is a classic script, idb is its classic build. */
const WORKER = 'worker';
const CLASSIC_IDB = 'export const { openDB } = self.idb;\n';

/**
 * The till's shell. A version is named by the content of everything in it, and every module's address carries that name:
 * a page gets all of one version or nothing, and what a device has kept is never mixed with what came after.
 */
export function tillFiles(parts: TillParts): TillFiles {
  const { modules, assets, messages, publicUrl } = parts;
  const folder = join(parts.views, 'assets/till');
  const files = tillModules(folder, parts);
  const address = `${publicUrl.replace(/\/$/, '')}/sync/v1`;
  const others = pageAssets(assets);
  const pageOf = (build: string) => tillPage({ assets, messages, build, address });
  const worker = bundleScript({ folder, entry: WORKER, made: { idb: CLASSIC_IDB } });
  const idb = readFileSync(join(modules, 'idb/build/umd.js'), 'utf8');
  const build = versionOf([
    ...[...files].map(([name, { version }]) => `${name} ${version}`),
    ...[...others, address, pageOf(''), worker, idb],
  ]);
  const kept = [...[...files.keys()].map((name) => moduleAddress(build, name)), ...others];
  const shell = JSON.stringify({ build, address, page: '/till', files: kept });
  return {
    build,
    page: pageOf(build),
    worker: pack('sw.js', Buffer.from(`${idb}\nself.SHELL = ${shell};\n${worker}`)),
    files,
  };
}

/** The page's modules: ours, the words, and those of two packages. */
function tillModules(folder: string, { modules, catalogues }: TillParts): Map<string, AssetFile> {
  const own = readdirSync(folder).filter((name) => name !== `${WORKER}.js`);
  const words = Object.fromEntries(LOCALES.map((locale) => [locale, readCatalogue(catalogues, locale).till]));
  const sources: [string, Buffer][] = [
    ...own.map((name): [string, Buffer] => [name, readFileSync(join(folder, name))]),
    ['messages.js', Buffer.from(valueModule('MESSAGES', words))],
    ['idb.js', readFileSync(join(modules, 'idb/build/index.js'))],
    ...['decode.js', 'index.js'].map((name): [string, Buffer] => [
      `qr/${name}`,
      readFileSync(join(modules, 'qr', name)),
    ]),
  ];
  return new Map(sources.map(([name, body]) => [name, pack(name, body)]));
}

const versionOf = (parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 12);
