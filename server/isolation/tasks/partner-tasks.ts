import type { Deps } from '../../deps.ts';
import type { TaskHandlers } from './task-runner.ts';

/** What the partner process does for the admin portal: it alone holds these roles' keys. */
export function partnerTasks(_deps: Pick<Deps, 'config'>): TaskHandlers {
  return {};
}
