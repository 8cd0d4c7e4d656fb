import { afterAll } from 'vitest';
import { freshPostgres } from '../../tests/support/servers.ts';
import { createLogger } from '../log.ts';
import { describeBudgets } from './budgets.contract.ts';
import { openPg } from './db-pg.ts';
import { openPglite } from './db-pglite.ts';

const server = await freshPostgres('budgets');
afterAll(() => server?.drop());

describeBudgets('PGlite', () => openPglite());
if (server) describeBudgets('PostgreSQL', () => openPg({ url: server.url, logger: createLogger('silent') }));
