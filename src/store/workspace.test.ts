import { afterAll } from 'vitest';
import { freshPostgres } from '../../tests/support/servers.ts';
import { createLogger } from '../log.ts';
import { openPg } from './db-pg.ts';
import { openPglite } from './db-pglite.ts';
import { describeWorkspace } from './workspace.contract.ts';

const server = await freshPostgres('workspace');
afterAll(() => server?.drop());
const url = server?.url ?? '';

describeWorkspace('PGlite', () => openPglite());
if (server) describeWorkspace('PostgreSQL', () => openPg({ url, logger: createLogger('silent') }));
