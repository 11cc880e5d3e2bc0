import { access } from '../../db/access/declaration.ts';

const plain = (columns: readonly string[] | '*' | undefined) => columns === '*';

/**
 * Models whose reading both layers decide by the market alone: the partner role reads all columns of its market's rows
 * and nothing narrower is asked, and staff read them all. Only there do the two have to say the same.
 */
export const COMPARABLE: ReadonlySet<string> = new Set(
  Object.entries(access).flatMap(([table, { marketKey, roles }]) => {
    const [partner, staff] = [roles.bulkhead_partner?.select, roles.bulkhead_admin?.select];
    const same = partner?.rows === 'market' && staff?.rows === 'staff';
    const whole = plain(partner?.columns) && plain(staff?.columns);
    return marketKey === 'market_id' && same && whole ? [modelOf(table)] : [];
  }),
);

function modelOf(table: string): string {
  return table.replace(/(^|_)([a-z])/g, (_all, _start, letter: string) => letter.toUpperCase());
}
