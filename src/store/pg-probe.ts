// A look at a PostgreSQL server that changes nothing there: for whoever wants to know whether it would do.
import pg from 'pg';

export interface PgFacts {
  /** Such as `15.14`. */
  version: string;
  /** Milliseconds since 1970 by its clock. */
  clockMs: number;
  /** Names of the migrations that were applied, in order; null: it has none of our tables. */
  migrations: string[] | null;
}

/** Rejects with the driver's error when it does not answer within `ms`, or refuses. */
export async function probePg(url: string, ms: number): Promise<PgFacts> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ms, query_timeout: ms });
  // A connection that breaks while nothing is asked must not end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; ms: string; ours: boolean }>(
      `select current_setting('server_version') as version, extract(epoch from clock_timestamp()) * 1000 as ms,
        to_regclass('schema_migrations') is not null as ours`,
    );
    const [row] = rows;
    if (!row) throw new Error('an empty answer');
    const applied = row.ours
      ? (await client.query<{ name: string }>('select name from schema_migrations order by name')).rows
      : null;
    const version = row.version.split(' ')[0] ?? row.version;
    return { version, clockMs: Number(row.ms), migrations: applied?.map(({ name }) => name) ?? null };
  } finally {
    await client.end().catch(() => undefined);
  }
}
