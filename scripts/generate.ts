import { generateClient } from './build.steps.ts';
import { runScript } from './run.ts';

// npm run db:generate: Prisma's client from prisma/schema.prisma.
await runScript('db:generate', () => generateClient({ onlyIfStale: process.argv.includes('--if-stale') }));
