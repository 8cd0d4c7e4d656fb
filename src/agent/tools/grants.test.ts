import { expect, it } from 'vitest';
import { CAPABILITIES } from '../../domain/capability.ts';
import { grantedTools } from './grants.ts';

const FOR_ALL = ['read_file', 'list_files', 'write_file', 'get_shared_state', 'set_shared_state', 'embedding_search'];

it.each([
  ['data_analysis', ['database_query', 'run_code']],
  ['web_scraping', ['http_request']],
  ['code_generation', ['run_code']],
  ['file_processing', []],
  ['database_operations', ['database_query', 'database_execute']],
  ['api_integration', ['http_request']],
] as const)('grants %s its tools besides those for all', (capability, extra) => {
  expect(grantedTools([capability])).toEqual([...FOR_ALL, ...extra]);
});

it('grants each tool once when several capabilities need it', () => {
  const all = grantedTools(CAPABILITIES);
  expect(new Set(all).size).toBe(all.length);
  expect(all).toHaveLength(10);
});
