import { z } from 'zod';
import { Prisma } from '../../server/db/generated/client.ts';
import { type Operation, operation } from '../../server/http/api.ts';
import { partner } from '../../server/portals/partner.ts';
import type { Portal } from '../../server/portals/portal.ts';
import type { Answer } from './injection-drill.ts';

const anything = z.any();

/** What PostgreSQL said, word for word: the worst that an error page could show. */
export const asAnswer = (work: Promise<unknown>): Promise<Answer> =>
  work.then(
    (rows) => ({ rows: plain(rows) }),
    (error) => ({ error: `${sqlState(error)} ${String(error)} ${String((error as Error).cause ?? '')}` }),
  );

const plain = (rows: unknown): Record<string, unknown>[] =>
  JSON.parse(JSON.stringify(rows, (_key, value) => (typeof value === 'bigint' ? String(value) : value)));

function sqlState(error: unknown): string {
  const {
    sqlState: own,
    meta,
    message,
    code,
  } = error as { sqlState?: string; message: string; meta?: { code?: string }; code?: string };
  return own ?? meta?.code ?? /Code: `(\w{5})`/.exec(message)?.[1] ?? code ?? '';
}

/** Raw injection holes, as a careless route would have them. They exist in tests alone. */
function injectionOperations(): Operation[] {
  return [
    operation({
      method: 'post',
      path: '/drill/titles',
      tag: 'Drill',
      summary: 'A value pasted into a condition',
      body: z.object({ title: z.string() }),
      response: anything,
      handler: (db, { body }) =>
        asAnswer(
          db.$queryRaw(Prisma.raw(`select title_en as title from offer where title_en = '${body.title}'`)),
        ),
    }),
    operation({
      method: 'post',
      path: '/drill/statements',
      tag: 'Drill',
      summary: 'A whole statement',
      body: z.object({ sql: z.string() }),
      response: anything,
      handler: (db, { body }) => asAnswer(db.$queryRaw(Prisma.raw(body.sql))),
    }),
    operation({
      method: 'post',
      path: '/drill/transactions',
      tag: 'Drill',
      summary: 'Statements of one transaction',
      body: z.object({ statements: z.array(z.string()) }),
      response: anything,
      handler: (db, { body }) =>
        asAnswer(
          db.$transaction(async (tx) => {
            const rows: unknown[] = [];
            for (const sql of body.statements) rows.push(await tx.$queryRaw(Prisma.raw(sql)));
            return rows;
          }),
        ),
    }),
    operation({
      method: 'get',
      path: '/drill/offers',
      tag: 'Drill',
      summary: 'What an honest route does, to see whether its next user is unharmed',
      response: anything,
      handler: (db) => asAnswer(db.offer.findMany({ select: { titleEn: true }, orderBy: { id: 'asc' } })),
    }),
  ];
}

export const partnerWithHoles: Portal = {
  ...partner,
  operations: [...partner.operations, injectionOperations],
};
