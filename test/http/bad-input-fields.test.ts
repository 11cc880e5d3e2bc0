import assert from 'node:assert/strict';
import { type Ask, addressOf } from '../support/crawler/ask.ts';
import { type Control, type Survey, survey } from '../support/crawler/controls.ts';
import {
  bodyMutants,
  essential,
  formMutants,
  jsonMutants,
  type Mutant,
  queryMutants,
} from '../support/crawler/mutations.ts';
import type { Person } from '../support/crawler/people.ts';
import { faultsOf } from '../support/crawler/refusals.ts';
import { keyOf } from '../support/crawler/routes.ts';
import { isTrail } from '../support/crawler/rows.ts';
import { openWorld, type World } from '../support/crawler/world.ts';
import { PASSWORD } from '../support/http.ts';

const PORTALS = ['partner', 'admin'] as const;

describe('bad input, every field of every form and operation', function () {
  this.timeout(1_200_000);
  let world: World;
  const surveys = {} as Record<'admin' | 'partner', Survey>;
  before(async () => {
    world = await openWorld({ limits: { failures: 1_000_000 } });
    for (const portal of PORTALS) surveys[portal] = await survey(world, portal);
  });
  after(() => world?.close());

  const judge = async (person: Person, mutants: readonly Mutant[]): Promise<string[]> => {
    const wrong: string[] = [];
    for (const mutant of mutants) {
      const answer = await person.send(mutant.ask);
      const what = `${mutant.ask.method} ${addressOf(mutant.ask).slice(0, 120)} ${mutant.field ?? 'body'}: ${mutant.name} → ${answer.status}`;
      for (const fault of faultsOf(answer, mutant)) wrong.push(`${what} ${fault}`);
      if (mutant.ask.method === 'GET') continue;
      const changed = (await world.reset()).filter((each) => !isTrail(each));
      if (answer.status >= 400 && changed.length > 0)
        wrong.push(`${what} and yet it changed ${changed.join(', ')}`);
    }
    return wrong;
  };

  it('the judge notices an answer that is no good', () => {
    const ask: Ask = { method: 'POST', path: '/api/v1/x', body: { kind: 'json', value: { a: 1 } } };
    const judged = (status: number, type: string, text: string) =>
      faultsOf({ status, headers: { 'content-type': type }, text }, { name: '', field: 'a', ask });
    const problem = 'application/problem+json';
    assert.deepEqual(judged(422, problem, '{"status":422,"errors":[{"field":"a","message":"No"}]}'), []);
    assert.match(judged(500, problem, '{"status":500}').join(), /answers 500/);
    assert.match(judged(422, problem, '{"status":422}').join(), /names no field/);
    assert.match(judged(422, 'text/html', '').join(), /no problem document/);
    assert.match(judged(400, problem, '{"status":400,"detail":"PrismaClientError"}').join(), /its inside/);
    const page = {
      ...ask,
      path: '/x',
      body: {
        kind: 'form',
        fields: [
          ['a', ''],
          ['b', 'kept'],
        ],
      },
    } as const;
    const html =
      '<form method="post" action="/x"><input name="a" aria-invalid="true"><input name="b" value=""></form>';
    const headers = { 'content-type': 'text/html' };
    const faults = faultsOf({ status: 422, headers, text: html }, { name: '', field: 'a', ask: page });
    assert.match(faults.join(), /loses b/);
  });

  for (const portal of PORTALS) {
    const writes = (kind: string) =>
      surveys[portal].controls.filter(({ ask, route }) => ask.body?.kind === kind && !isSlow(route.path));
    // A form and its JSON twin share their fields' rules: all of them are tried once, what matters most at each.
    const seen = new Set<string>();
    const each = async (controls: readonly Control[], mutantsOf: (ask: Ask) => readonly Mutant[]) => {
      const wrong: string[] = [];
      for (const { person, ask } of controls) {
        const names = namesIn(ask);
        const mutants = mutantsOf(ask);
        wrong.push(...(await judge(person, seen.has(names) && names ? essential(mutants) : mutants)));
        seen.add(names);
      }
      assert.deepEqual(wrong, []);
    };

    it(`${portal}: forms`, async () => {
      const controls = writes('form').filter(({ ask }) => fieldsOf(ask).length > 0);
      assert.ok(controls.length > 2);
      await each(controls, (ask) => (ask.body?.kind === 'form' ? formMutants(ask, ask.body) : []));
    });

    it(`${portal}: forms with files`, async () => {
      await each(writes('multipart'), (ask) =>
        ask.body?.kind === 'multipart' ? formMutants(ask, ask.body) : [],
      );
    });

    it(`${portal}: JSON`, async () => {
      assert.ok(writes('json').length > 2);
      await each(writes('json'), (ask) => jsonMutants(ask, objectOf(ask)));
    });

    it(`${portal}: bodies that are none`, async () => {
      const controls = surveys[portal].controls.filter(({ ask, route }) => ask.body && !isSlow(route.path));
      const wrong: string[] = [];
      for (const { person, ask } of controls) wrong.push(...(await judge(person, bodyMutants(ask))));
      assert.deepEqual(wrong, []);
    });

    it(`${portal}: parameters of lists`, async () => {
      const lists = surveys[portal].controls.filter(
        ({ route, queryNames }) => route.method === 'GET' && queryNames.length > 0,
      );
      assert.ok(lists.length > 3);
      const wrong: string[] = [];
      for (const { person, ask, queryNames } of lists)
        wrong.push(...(await judge(person, queryMutants(ask, queryNames))));
      assert.deepEqual(wrong, []);
    });

    it(`${portal}: 10 MB where a few words belong`, async () => {
      const big = Buffer.alloc(10 * 1024 * 1024, 'a');
      const wrong: string[] = [];
      // Reading a list may have left a note: whoever takes a file is written down.
      await world.reset();
      for (const { route, person, ask } of [...writes('form').slice(0, 3), ...writes('json').slice(0, 3)]) {
        const type = ask.body?.kind === 'json' ? 'application/json' : 'application/x-www-form-urlencoded';
        const { status } = await person.send({ ...ask, body: { kind: 'raw', type, bytes: big } });
        const changed = await world.reset();
        if (status !== 413 || changed.length > 0) wrong.push(`${keyOf(route)}: ${status} ${changed}`);
      }
      assert.deepEqual(wrong, []);
    });
  }

  it('partner: before anybody has signed in', async () => {
    const visitor = world.strangers.partner;
    const email = 'marker-amber.main@example.test';
    const signIn: Ask = {
      method: 'POST',
      path: '/sign-in',
      body: {
        kind: 'form',
        fields: [
          ['email', email],
          ['password', PASSWORD],
        ],
      },
    };
    const reset: Ask = {
      method: 'POST',
      path: '/password-reset',
      body: { kind: 'form', fields: [['email', email]] },
    };
    const token: Ask = {
      method: 'POST',
      path: '/api/v1/tokens',
      body: { kind: 'json', value: { email, password: PASSWORD } },
    };
    const wrong = [
      ...(await judge(
        visitor,
        [signIn, reset].flatMap((ask) => (ask.body?.kind === 'form' ? formMutants(ask, ask.body) : [])),
      )),
      ...(await judge(visitor, jsonMutants(token, objectOf(token)))),
      ...(await judge(visitor, [signIn, token].flatMap(bodyMutants))),
    ];
    assert.deepEqual(wrong, []);
  });
});

/** Each attempt hashes a password; `auth-passwords.test.ts` looks at these. */
const isSlow = (path: string): boolean => path.includes('password');

const fieldsOf = ({ body }: Ask) => (body && 'fields' in body ? body.fields : []);
const objectOf = ({ body }: Ask) => (body?.kind === 'json' ? (body.value as Record<string, unknown>) : {});

/** Routes with the same fields read them by the same rules. */
const namesIn = (ask: Ask): string =>
  [...new Set([...fieldsOf(ask).map(([name]) => name.replace('[]', '')), ...Object.keys(objectOf(ask))])]
    .filter((name) => name !== '_csrf')
    .sort()
    .join();
