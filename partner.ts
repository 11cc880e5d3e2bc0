import { partner } from './server/portals/partner.ts';
import { start } from './server/start.ts';

await start(partner);
