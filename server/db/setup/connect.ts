import pg from 'pg';
import { BootError, bootLine } from '../../boot-error.ts';

/** A database address without its password, fit for a message. */
export function shownUrl(url: string): string {
  return url.replace(/\/\/([^:@/]*):[^@]*@/, '//$1@');
}

/** `url` with another database, login or session option. */
export function withUrl(
  url: string,
  change: { database?: string; user?: string; password?: string; role?: string },
) {
  const changed = new URL(url);
  if (change.database !== undefined) changed.pathname = `/${change.database}`;
  if (change.user !== undefined) changed.username = change.user;
  if (change.password !== undefined) changed.password = encodeURIComponent(change.password);
  if (change.role !== undefined) changed.searchParams.set('options', `-c role=${change.role}`);
  return changed.toString();
}

/**
 * Runs `work` with one connection to `url` and closes it.
 * @throws BootError when the server can't be reached or refuses the login.
 */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    const reason = bootLine(error);
    throw new BootError(
      `Can't connect to ${shownUrl(url)}: ${reason}. Check DATABASE_URL and that PostgreSQL runs.`,
    );
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
