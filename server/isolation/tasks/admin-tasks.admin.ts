import type { Deps } from '../../deps.ts';
import { adminLayers } from '../layers/admin-layers.ts';
import type { TaskHandlers } from './task-runner.ts';

/** What the admin process does for the partner's: nothing but `layers` can be asked of it. */
export function adminTasks({ database }: Pick<Deps, 'database'>): TaskHandlers {
  return { layers: adminLayers(database) };
}
