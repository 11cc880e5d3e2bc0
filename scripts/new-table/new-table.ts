import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { BootError } from '../../server/boot-error.ts';
import { prismaFolder, root } from '../../server/paths.ts';
import { runScript, say } from '../run.ts';
import { accessFile, withRow } from './access.ts';
import { migrationName, migrationSql } from './migration.ts';
import { tableNames } from './names.ts';
import { withModel } from './schema.ts';

const accessFolder = join(root, 'server/db/access');

// npm run new:table -- gift_card
await runScript('new:table', async () => {
  const names = tableNames(process.argv[2], ...process.argv.slice(3));
  const schema = join(prismaFolder, 'schema.prisma');
  const migrations = join(prismaFolder, 'migrations');
  const list = join(accessFolder, 'market-tables.ts');
  const declaration = join(accessFolder, `${names.file}.table.ts`);
  const folder = migrationName(names, readdirSync(migrations), new Date());
  if (existsSync(declaration)) throw new BootError(`${relative(root, declaration)} exists already.`);
  // Everything is made before anything is written: a refusal leaves the checkout as it was.
  const files = new Map([
    [schema, withModel(readFileSync(schema, 'utf8'), names)],
    [join(migrations, folder, 'migration.sql'), migrationSql(names)],
    [declaration, accessFile(names)],
    [list, withRow(readFileSync(list, 'utf8'), names)],
  ]);
  for (const [file, text] of files) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    say(relative(root, file));
  }
  say(
    'Say what it is and add its columns, in all of these alike. Then: npm run db:generate && npm run db:migrate && npm test',
  );
});
