import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from '../../server/paths.ts';

const IMPORT = /^\s*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'(\.[^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'(\.[^']+)'/g;

/** Every file of ours that loads with `entry`, with the chain of imports that leads to it. Types are erased and don't count. */
function loadedBy(entry: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const visit = (file: string, chain: string[]) => {
    const name = relative(root, file);
    if (found.has(name) || !existsSync(file)) return;
    found.set(name, [...chain, name]);
    const text = readFileSync(file, 'utf8');
    const targets = [...text.matchAll(IMPORT)].filter(([, isType]) => !isType).map(([, , target]) => target!);
    targets.push(...[...text.matchAll(DYNAMIC)].map(([, target]) => target!));
    for (const target of targets) visit(join(dirname(file), target), [...chain, name]);
  };
  visit(join(root, entry), []);
  return found;
}

/** The admin portal's own modules. Input schemas and words of a noun may be shared. */
const OF_ADMIN =
  /\.admin\.|\.staff\.|(^|\/)staff[-./]|^server\/portals\/admin|\/moderation\.(api|service)|^server\/markets\/markets\.(api|service|queries)/;

describe('what is within reach of the partner process', () => {
  it('none of the admin portal’s modules', () => {
    const loaded = loadedBy('partner.ts');
    assert.ok(loaded.size > 60, 'the walk follows imports');
    assert.ok(loaded.has('server/market/market-auth.ts'));
    const wrong = [...loaded].filter(([name]) => OF_ADMIN.test(name)).map(([, chain]) => chain.join(' → '));
    assert.deepEqual(wrong, []);
  });

  it('and the walk would see them', () => {
    const seen = [...loadedBy('admin.ts').keys()].filter((name) => OF_ADMIN.test(name));
    for (const name of [
      'server/portals/admin.ts',
      'server/auth/staff-sessions.ts',
      'server/auth/staff-auth.ts',
    ]) {
      assert.ok(seen.includes(name), name);
    }
  });
});
