import { admin } from './server/portals/admin.ts';
import { start } from './server/start.ts';

await start(admin);
