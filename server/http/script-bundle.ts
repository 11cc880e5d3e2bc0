import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

const IMPORT = /^import \{[^}]*\} from '\.\/([a-z0-9-]+)\.js';\n/gm;
const DECLARED = /^(?:export )?(?:async )?(?:function|const|let|class) (\w+)/gm;
/** Of whole lines only, so that nothing inside of a text can look like one. */
const COMMENTS = /^[ \t]*(?:\/\*\*[\s\S]*?\*\/|\/\/.*)\n/gm;
const INDENTS = /^[ \t]+/gm;

export interface Bundle {
  /** Where the modules lie; the entry imports the others. */
  readonly folder: string;
  readonly entry: string;
  /** Modules that are no file there, by name: their source. */
  readonly made?: Readonly<Record<string, string>>;
}

/**
 * Plain modules as one classic script, for places that take no module. The modules meet in one scope, so no two may
 * declare the same name.
 * @throws Error naming what could not be put together
 */
export function bundleScript({ folder, entry, made = {} }: Bundle): string {
  const sources = new Map<string, string>();
  const seen = new Set<string>();
  const add = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const source = made[name] ?? readFileSync(join(folder, `${name}.js`), 'utf8');
    for (const [, imported] of source.matchAll(IMPORT)) add(imported!);
    sources.set(name, source);
  };
  add(entry);
  refuseDoubles(entry, [...sources.values()]);
  const body = [...sources.values()].map(strip).join('');
  const script = `(() => {\n'use strict';\n${body}})();\n`;
  // Compiles it without running it: a mistake shows when the process starts, not in somebody's page.
  new Script(script, { filename: `${entry}.js` });
  return script;
}

/** A module of one value, for `made`. */
export const valueModule = (name: string, value: unknown): string =>
  `export const ${name} = ${JSON.stringify(value)};\n`;

const strip = (source: string) =>
  source
    .replaceAll(IMPORT, '')
    .replaceAll(/^export /gm, '')
    .replaceAll(COMMENTS, '')
    .replaceAll(INDENTS, '')
    .replaceAll(/\n+/g, '\n');

function refuseDoubles(entry: string, sources: string[]): void {
  const names = sources.flatMap((source) => [...source.matchAll(DECLARED)].map(([, name]) => name!));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`Two modules of the ${entry} declare ${twice}`);
}
