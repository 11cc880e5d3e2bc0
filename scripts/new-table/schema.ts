import { BootError } from '../../server/boot-error.ts';
import type { TableNames } from './names.ts';

const model = ({ model, table, words }: TableNames): string => `
/// Say here what a ${words} is.
model ${model} {
  marketId  String   @default(dbgenerated("app.market_id()")) @map("market_id") @db.Uuid
  id        String   @default(uuid(7)) @db.Uuid
  name      String
  createdAt DateTime @default(now()) @map("created_at") @db.Timestamptz(3)
  updatedAt DateTime @updatedAt @map("updated_at") @db.Timestamptz(3)
  market    Market   @relation(fields: [marketId], references: [id], onDelete: Restrict, onUpdate: NoAction)

  @@id([marketId, id])
  @@index([marketId, createdAt, id])
  @@map("${table}")
}
`;

/**
 * The text of schema.prisma with the new model at its end and its list in the market's model.
 * @throws BootError when one of the names is taken.
 */
export function withModel(schema: string, names: TableNames): string {
  if (
    new RegExp(`^model ${names.model} \\{`, 'm').test(schema) ||
    schema.includes(`@@map("${names.table}")`)
  ) {
    throw new BootError(`prisma/schema.prisma has a model for "${names.table}" already.`);
  }
  const market = /^model Market \{\n.*?^\}/ms.exec(schema)?.[0];
  const lists = [...(market ?? '').matchAll(/^ {2}(\w+ +)(\w+)\[\]\n/gm)];
  const last = lists.at(-1);
  if (!market || !last)
    throw new BootError('prisma/schema.prisma has no model Market with lists: add the model by hand.');
  if (new RegExp(`^\\s+${names.list}\\s`, 'm').test(market)) {
    throw new BootError(`The model Market has a field ${names.list} already: choose another name.`);
  }
  const line = `  ${names.list.padEnd(last[1]!.length - 1)} ${names.model}[]\n`;
  const extended = market.replace(last[0], () => last[0] + line);
  return `${schema.replace(market, () => extended).trimEnd()}\n${model(names)}`;
}
