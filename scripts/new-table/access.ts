import { BootError } from '../../server/boot-error.ts';
import type { TableAccess } from '../../server/db/access/declaration.ts';
import type { TableNames } from './names.ts';

/** What a new table starts with: the market's managers write it, its team and staff read it. */
export const newAccess = {
  marketKey: 'market_id',
  roles: {
    bulkhead_partner: {
      select: { rows: 'market', columns: '*' },
      insert: { rows: 'market-manager', columns: ['market_id', 'id', 'name', 'created_at', 'updated_at'] },
      update: { rows: 'market-manager', columns: ['name', 'updated_at'] },
      delete: { rows: 'market-manager', columns: '*' },
    },
    bulkhead_admin: { select: { rows: 'staff', columns: '*' } },
  },
} as const satisfies TableAccess;

/** The file that declares who may do what to the table: `newAccess` as a person would write it. */
export function accessFile({ constant, words }: TableNames): string {
  return `import type { TableAccess } from './declaration.ts';

/** Say here who reads and writes a ${words}, and why no more than that. */
export const ${constant} = {
  marketKey: 'market_id',
  roles: {
    bulkhead_partner: {
      select: { rows: 'market', columns: '*' },
      insert: { rows: 'market-manager', columns: ['market_id', 'id', 'name', 'created_at', 'updated_at'] },
      update: { rows: 'market-manager', columns: ['name', 'updated_at'] },
      delete: { rows: 'market-manager', columns: '*' },
    },
    bulkhead_admin: { select: { rows: 'staff', columns: '*' } },
  },
} as const satisfies TableAccess;
`;
}

const END = '} as const satisfies Record<string, TableAccess>;';

/**
 * The text of market-tables.ts with the new table's row: from then on the boot guard and the policy table know it.
 * @throws BootError when the table is declared already or the file has another form.
 */
export function withRow(text: string, { table, constant, file }: TableNames): string {
  if (new RegExp(`^ {2}${table}[:,]`, 'm').test(text)) {
    throw new BootError(`server/db/access/market-tables.ts declares "${table}" already.`);
  }
  const first = "import type { TableAccess } from './declaration.ts';\n";
  if (!text.includes(first) || !text.includes(END)) {
    throw new BootError(
      'server/db/access/market-tables.ts has another form than this script knows: add the row by hand.',
    );
  }
  const row = table === constant ? `  ${table},\n` : `  ${table}: ${constant},\n`;
  return text
    .replace(first, () => `${first}${`import { ${constant} } from './${file}.table.ts';\n`}`)
    .replace(END, () => row + END);
}
