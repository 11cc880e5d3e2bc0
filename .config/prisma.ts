import { defineConfig } from 'prisma/config';

// The CLI is only for people who inspect the database (`prisma migrate status`, `prisma studio`);
// the product applies migrations with the same engine through scripts/migrate.ts.
export default defineConfig({
  schema: '../prisma/schema.prisma',
  migrations: { path: '../prisma/migrations' },
  ...(process.env.MIGRATE_DATABASE_URL ? { datasource: { url: process.env.MIGRATE_DATABASE_URL } } : {}),
});
