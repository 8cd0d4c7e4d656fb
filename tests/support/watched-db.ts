// A database that tells of each statement before it runs; what `before` throws is the statement's answer instead.
import type { Db, Sql, Tx } from '../../src/store/db.ts';

export type Before = (text: string, params: readonly unknown[]) => void;

export function watched(db: Db, before: Before): Db {
  return {
    ...watchedSql(db, before),
    transaction: (work, options) => db.transaction((tx) => work(watchedTx(tx, before)), options),
    close: () => db.close(),
  };
}

/** Only the statements of its transactions. */
export function watchedTransactions(db: Db, before: Before): Db {
  return { ...watched(db, before), ...watchedSql(db, () => undefined) };
}

function watchedTx(tx: Tx, before: Before): Tx {
  return {
    ...watchedSql(tx, before),
    last: async (text, params = []) => {
      before(text, params);
      return tx.last<never>(text, params);
    },
  };
}

function watchedSql(sql: Sql, before: Before): Sql {
  return {
    script: (text) => sql.script(text),
    query: async (text, params = []) => {
      before(text, params);
      return sql.query<never>(text, params);
    },
  };
}
