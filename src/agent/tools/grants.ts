// Which tools a subtask gets, by its required capabilities. Pure; what each tool does is left to its own file.
import type { Capability } from '../../domain/capability.ts';

const FOR_ALL = [
  'read_file',
  'list_files',
  'write_file',
  'get_shared_state',
  'set_shared_state',
  'embedding_search',
] as const;

const BY_CAPABILITY = {
  data_analysis: ['database_query', 'run_code'],
  web_scraping: ['http_request'],
  code_generation: ['run_code'],
  file_processing: [],
  database_operations: ['database_query', 'database_execute'],
  api_integration: ['http_request'],
} as const satisfies Record<Capability, readonly string[]>;

export type ToolName = (typeof FOR_ALL)[number] | (typeof BY_CAPABILITY)[Capability][number];

/** The tools granted to a subtask that requires these capabilities, each once, in a stable order. */
export function grantedTools(required: readonly Capability[]): ToolName[] {
  return [...new Set<ToolName>([...FOR_ALL, ...required.flatMap((capability) => [...BY_CAPABILITY[capability]])])];
}
