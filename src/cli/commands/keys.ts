// `muster keys`: who may use the API. The key itself is printed once, when it is made.
import { type Command, Option } from 'commander';
import type { ApiKeyView } from '../../protocol/client.ts';
import { apiKey } from '../../protocol/keys-api.ts';
import { type Connect, type Context, jsonOption } from '../command.ts';
import { widthOf, writeJson, writeLines } from '../io.ts';
import { type Column, table } from '../table.ts';
import { localTime } from '../text.ts';

interface CreateOptions {
  role: ApiKeyView['role'];
  user: string;
  name?: string;
  json: boolean;
}

interface JsonOption {
  json: boolean;
}

const ROLE_HELP = `
Roles:
  read     see one's own tasks
  submit   also submit, cancel and retry them
  operate  everything, of everybody: agents, statistics, keys

As soon as there is one key, every request needs one; the first must have the role operate.`;

export function addKeys(program: Command, connect: Connect): void {
  const keys = program.command('keys').description('make, list and revoke the keys of the API');
  keys
    .command('create')
    .description('make a key and print it, once')
    .addOption(
      new Option('--role <role>', 'what it allows (required)').choices(apiKey.shape.role.options).makeOptionMandatory(),
    )
    .requiredOption('--user <id>', 'whose tasks it gives access to (required)')
    .option('--name <words>', 'what it is for')
    .addOption(jsonOption())
    .addHelpText('after', ROLE_HELP)
    .action((options: CreateOptions) => createKey(connect(), options));
  keys
    .command('list')
    .description('list the keys that were made, newest first, without what they are shown by')
    .addOption(jsonOption())
    .action((options: JsonOption) => listKeys(connect(), options));
  keys
    .command('revoke')
    .description('refuse a key from now on; streams opened with it end')
    .argument('<key>', 'its id, as the list names it')
    .addOption(jsonOption())
    .action((id: string, options: JsonOption) => revokeKey(connect(), id, options));
}

async function createKey({ client, io }: Context, options: CreateOptions): Promise<void> {
  const { role, user, name } = options;
  const { key, ...made } = await client.createKey({ role, user_id: user, name });
  if (options.json) return writeJson(io.stdout, { ...made, key });
  writeLines(io.stdout, [key]);
  writeLines(io.stderr, [
    `${made.id} lets ${made.user_id} ${made.role}. It is shown this once: keep it where secrets are kept.`,
    'Use it with MUSTER_API_KEY, or as "Authorization: Bearer KEY".',
  ]);
}

async function listKeys({ client, io }: Context, options: JsonOption): Promise<void> {
  const keys = await client.keys();
  if (options.json) return writeJson(io.stdout, { keys });
  if (keys.length === 0) return writeLines(io.stdout, ['no key was made: "muster keys create" makes one']);
  const state = ({ revoked_at }: ApiKeyView) => (revoked_at === null ? 'valid' : `revoked ${localTime(revoked_at)}`);
  const columns: Column<ApiKeyView>[] = [
    { title: 'KEY', text: (row) => row.id },
    { title: 'ROLE', text: (row) => row.role },
    { title: 'USER', text: (row) => row.user_id, shrink: true },
    { title: 'STATE', text: state, paint: (cell, row) => (row.revoked_at ? io.colors.dim : io.colors.green)(cell) },
    { title: 'CREATED', text: (row) => localTime(row.created_at) },
    { title: 'USED', text: (row) => (row.last_used_at ? localTime(row.last_used_at) : 'never') },
    { title: 'NAME', text: (row) => row.name, shrink: true },
  ];
  writeLines(io.stdout, table(columns, keys, { width: widthOf(io.stdout), heading: io.colors.dim }));
}

async function revokeKey({ client, io }: Context, id: string, options: JsonOption): Promise<void> {
  const revoked = await client.revokeKey(id);
  if (options.json) writeJson(io.stdout, revoked);
  else writeLines(io.stdout, [`${revoked.id} of ${revoked.user_id} is revoked`]);
}
