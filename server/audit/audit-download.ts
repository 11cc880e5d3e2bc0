import type { Request, Response } from 'express';
import type { ListQuery } from '../http/list-query.ts';
import { fileFormat } from './audit.input.ts';
import { recordAudit } from './audit.service.ts';
import { type Trail, typeOf, writeAuditFile } from './audit-file.ts';

/** A list's parameters without that of the file. */
export const withoutFormat = ({ format: _, ...list }: Record<string, unknown>) => list;

/** Streams what a list shows as a file. Who took it is written down first: a file that breaks off was still partly read. */
export async function sendAuditFile(
  req: Request,
  res: Response,
  trail: Trail,
  list: ListQuery,
  name: string,
): Promise<void> {
  const format = fileFormat.parse(req.query.format);
  const filters = Object.fromEntries(Object.entries(list.filters).filter(([, value]) => value !== undefined));
  await recordAudit(req.db, {
    ...{ action: 'audit.download', subjectType: 'audit', details: { trail, format, ...filters } as object },
  });
  res.attachment(`${name}.${format}`).set('Content-Type', typeOf[format]);
  await writeAuditFile(req.db, trail, list, format, res);
}
