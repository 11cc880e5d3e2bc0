import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../../server/paths.ts';

/** What changes no field that could stand there before and after, and why. */
const WITHOUT_CHANGES: Readonly<Record<string, string>> = {
  'access.deny': 'nothing was done',
  'audit.download': 'a reading',
  'audit.verify': 'a reading, its result is in the details',
  'device.refuse': 'nothing was done',
  'device.token': 'a token is issued, no row of a market changes',
  'export.download': 'a reading',
  'isolation.certify': 'a document is made and named',
  'isolation.probe': 'everything in it is rolled back',
  'support.why': 'a reading',
  'key.secret': 'somebody showed a secret, nothing was done',
  'session.*': 'a session is opened or ended; a new password is told by NEW_PASSWORD',
  'session.fail': 'nothing was done',
  'session.sign-in': 'a session is opened',
  'session.sign-out': 'a session is ended',
  'shopper.create': 'all that a shopper is is personal',
  'shopper.delete': 'what is gone must not be told',
  'shopper.lookup': 'a reading',
  'staff.renew-invitation': 'a link is signed, no row changes',
  'support-session.link': 'a way in is made, of which the digest alone is kept',
};

interface Site {
  readonly where: string;
  readonly actions: readonly string[];
  readonly hasChanges: boolean;
}

/** Every file below server/ that is ours, read as what it says. */
function sources(): ts.SourceFile[] {
  const folder = join(root, 'server');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith(join('db', 'generated')))
    .map((name) =>
      ts.createSourceFile(name, readFileSync(join(folder, name), 'utf8'), ts.ScriptTarget.Latest, true),
    );
}

const RECORDS = /^(recordAudits?|audit|about|note)$/;

/** Calls that write an entry, or that make what `recordAudits` writes; helpers that only pass on are none. */
function sitesOf(source: ts.SourceFile): Site[] {
  const text = source.text;
  if (!/recordAudits?\(/.test(text) || source.fileName.endsWith('audit.service.ts')) return [];
  const sites: Site[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && RECORDS.test(node.expression.getText())) {
      const actions = actionsOf(node);
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      if (actions.length > 0)
        sites.push({ where: `${source.fileName}:${line}`, actions, hasChanges: saysChanges(node) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return sites;
}

const ACTION = /^[a-z-]+\.[a-z-]+$/;

/** `noun.verb` among the arguments, in `action: …` or bare; a template's end is any verb. */
function actionsOf(call: ts.CallExpression): string[] {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && ACTION.test(node.text)) found.add(node.text);
    else if (ts.isTemplateExpression(node) && /^[a-z-]+\.$/.test(node.head.text))
      found.add(`${node.head.text}*`);
    else if (ts.isIdentifier(node) && node.text === 'action') for (const each of named(node)) found.add(each);
    ts.forEachChild(node, visit);
  };
  for (const argument of call.arguments) visit(argument);
  return [...found];
}

/** What a `const action = …` in an enclosing block says. */
function named(use: ts.Identifier): string[] {
  for (let scope: ts.Node | undefined = use; scope; scope = scope.parent) {
    if (!ts.isBlock(scope)) continue;
    for (const statement of scope.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      for (const { name, initializer } of statement.declarationList.declarations)
        if (name.getText() === 'action' && initializer)
          return [...initializer.getText().matchAll(/['`]([a-z-]+\.[a-z-]+)['`]/g)].map(([, said]) => said!);
    }
  }
  return [];
}

/** Told in place (`before`, `after`), or made beforehand under one of these names. */
const STATES = /\b(before|after|states|seen|moved\(|renewed\(|ended\(|toggled\()/;

const saysChanges = (call: ts.CallExpression): boolean => {
  const isRecord = ts.isIdentifier(call.expression) && call.expression.text === 'about';
  return STATES.test((isRecord ? call.parent.parent : call).getText());
};

describe('entries of the audit trail', () => {
  const sites = sources().flatMap(sitesOf);

  it('are written in every room that writes', () => {
    assert.ok(sites.length > 60, `${sites.length} places`);
  });

  it('say what a field was and what it is, wherever one changes', () => {
    const silent = sites.filter(
      ({ hasChanges, actions }) => !hasChanges && actions.some((action) => !(action in WITHOUT_CHANGES)),
    );
    assert.deepEqual(silent, []);
  });

  it('that say no more have a reason that is still needed', () => {
    const used = new Set(sites.filter(({ hasChanges }) => !hasChanges).flatMap(({ actions }) => actions));
    const inSql = new Set(sources().flatMap(({ text }) => sqlActions(text).map(([action]) => action)));
    const stale = Object.keys(WITHOUT_CHANGES).filter((action) => !used.has(action) && !inSql.has(action));
    assert.deepEqual(stale, []);
  });

  it('say so in hand-written SQL as well', () => {
    const silent = sources()
      .flatMap(({ fileName, text }) =>
        sqlActions(text).map(([action, columns]) => [fileName, action, columns]),
      )
      .filter(([, action, columns]) => !/\bchanges\b/.test(columns!) && !(action! in WITHOUT_CHANGES));
    assert.deepEqual(silent, []);
  });
});

/** What is written by `insert into audit_entry (…) … 'noun.verb'`: the action, and the columns that are named. */
const sqlActions = (text: string): [action: string, columns: string][] =>
  [...text.matchAll(/insert into (?:platform_)?audit_entry \(([^)]*)\)[^;`]*?'([a-z-]+\.[a-z-]+)'/gs)].map(
    ([, columns, action]) => [action!, columns!],
  );
