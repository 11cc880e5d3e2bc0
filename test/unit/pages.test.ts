import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, views } from '../../server/paths.ts';

function files(folder: string, extension: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name));
}

function offenders(paths: string[], pattern: RegExp, clean = (text: string) => text): string[] {
  return paths.flatMap((path) =>
    [...clean(readFileSync(path, 'utf8')).matchAll(pattern)].map(
      (match) => `${path.slice(root.length + 1)}: ${match[0]}`,
    ),
  );
}

describe('pages: what the content policy would refuse', () => {
  // A letter goes to mail programs, which know no style sheets and no policy of ours.
  const pages = files(views, '.ejs').filter((path) => !path.startsWith(join(views, 'mail')));

  it('is in no view: inline styles, handlers, scripts', () => {
    assert.ok(pages.length > 40);
    assert.deepEqual(
      offenders(
        pages,
        /\sstyle\s*=|\son[a-z]+\s*=\s*["']|hx-on[:\w-]*|javascript:|<style|<script(?![^>]*nonce=)/gi,
      ),
      [],
    );
  });

  it('prints unescaped only what it includes, or a tag name', () => {
    assert.deepEqual(offenders(pages, /<%-(?!\s*include\()(?![^%]*'<)[^%]*%>/g), []);
  });

  it('is in no script either', () => {
    assert.deepEqual(
      offenders(
        files(join(views, 'assets/js'), '.js'),
        /\beval\(|new Function|innerHTML|outerHTML|\.style\b|setAttribute\(\s*'style'/g,
      ),
      [],
    );
  });

  it('and our own scripts stay small', () => {
    for (const path of files(join(views, 'assets/js'), '.js'))
      assert.ok(readFileSync(path).length < 6_000, path);
  });
});

describe('pages: right to left', () => {
  it('no style sheet names a physical side', () => {
    const physical =
      /(?:^|[\s;{])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)[\w-]*|left|right|top|bottom|float|width|height|(?:min|max)-(?:width|height))\s*:|text-align:\s*(?:left|right)/gm;
    const clean = (css: string) => css.replace(/\/\*[\s\S]*?\*\//g, '').replace(/@media[^{]*\{/g, '{');
    assert.deepEqual(offenders(files(join(views, 'assets/css'), '.css'), physical, clean), []);
  });

  it('four-value shorthands are the same on both sides', () => {
    const css = files(join(views, 'assets/css'), '.css');
    const lopsided = css.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/(?:margin|padding|inset):\s*([^;]+);/g)]
        .map((match) => match[1]!.split(/\s+(?![^(]*\))/))
        .filter((values) => values.length === 4 && values[1] !== values[3]),
    );
    assert.deepEqual(lopsided, []);
  });
});
