import type { Deps } from '../deps.ts';
import type { Channels } from './channel.ts';

/** @throws Error in a process that sends no messages. */
export function channelsOf({ open }: Pick<Deps, 'open'>): Channels {
  if (!open) throw new Error('This process sends no messages');
  return open.channels;
}
