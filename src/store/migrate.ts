// Brings the schema up to date: each file of migrations/ once, in the order of its number. All of them run in one
// transaction behind one lock, so that any number of processes may start at once and a failed one leaves nothing behind.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Umzug } from 'umzug';
import type { Db, Sql, TransactionOptions } from './db.ts';

/** Any constant will do, as long as nothing else in the database uses it. */
const LOCK = 7_307_001;
const FOLDER = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * A migration may rewrite a table of years, or wait for another process that does: cut off, it would begin again and never
 * end. On a server this also keeps it off the connections for transitions, whose plans are wrong for whole tables.
 */
const UNLIMITED: TransactionOptions = { statementTimeoutMs: 0 };

/** The names of all that there are, in order. */
export async function migrationFiles(): Promise<string[]> {
  return (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
}

/** Returns the names of the migrations it applied. */
export async function migrate(db: Db): Promise<string[]> {
  return db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await tx.script(
      'create table if not exists schema_migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    const applied = await migrations(tx).up();
    return applied.map((migration) => migration.name);
  }, UNLIMITED);
}

function migrations(tx: Sql): Umzug<Sql> {
  return new Umzug({
    migrations: {
      glob: ['*.sql', { cwd: FOLDER }],
      resolve: ({ name, path = '' }) => ({ name, up: async () => tx.script(await readFile(path, 'utf8')) }),
    },
    context: tx,
    storage: {
      executed: async () => {
        const rows = await tx.query<{ name: string }>('select name from schema_migrations order by name');
        return rows.map((row) => row.name);
      },
      logMigration: async ({ name }) =>
        void (await tx.query('insert into schema_migrations (name) values ($1)', [name])),
      unlogMigration: async ({ name }) => {
        throw new Error(`migrations only go up: ${name} cannot be undone`);
      },
    },
    logger: undefined,
  });
}
