import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

const ENTRY = 'widget';
const IMPORT = /^import \{[^}]*\} from '\.\/([a-z-]+)\.js';\n/gm;
const DECLARED = /^(?:export )?(?:async )?(?:function|const|let|class) (\w+)/gm;
/** Of whole lines only, so that nothing inside of a text can look like one. */
const COMMENTS = /^[ \t]*(?:\/\*\*[\s\S]*?\*\/|\/\/.*)\n/gm;
const INDENTS = /^[ \t]+/gm;

/**
 * The widget's modules as one classic script, which needs no second request and no `type=module` in the page. The
 * modules meet in one scope, so no two may declare the same name. `messages.js` stands for the catalogue.
 * @throws Error naming what could not be put together
 */
export function bundleWidget(folder: string, messages: Record<string, unknown>): string {
  const sources = new Map<string, string>();
  const seen = new Set<string>();
  const add = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    const source =
      name === 'messages' ? declaration(messages) : readFileSync(join(folder, `${name}.js`), 'utf8');
    for (const [, imported] of source.matchAll(IMPORT)) add(imported!);
    sources.set(name, source);
  };
  add(ENTRY);
  refuseDoubles([...sources.values()]);
  const body = [...sources.values()].map(strip).join('');
  const script = `(() => {\n'use strict';\n${body}})();\n`;
  // Compiles it without running it: a mistake shows when the process starts, not in somebody's page.
  new Script(script, { filename: 'widget.js' });
  return script;
}

const declaration = (messages: Record<string, unknown>) =>
  `export const MESSAGES = ${JSON.stringify(messages)};\n`;

const strip = (source: string) =>
  source
    .replaceAll(IMPORT, '')
    .replaceAll(/^export /gm, '')
    .replaceAll(COMMENTS, '')
    .replaceAll(INDENTS, '')
    .replaceAll(/\n+/g, '\n');

function refuseDoubles(sources: string[]): void {
  const names = sources.flatMap((source) => [...source.matchAll(DECLARED)].map(([, name]) => name!));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`Two modules of the widget declare ${twice}`);
}
