// Serves the granted tools of one subtask to the Claude Agent SDK, as its in-process MCP server named muster.
import { createSdkMcpServer, type McpSdkServerConfigWithInstance } from '@anthropic-ai/claude-agent-sdk';
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { callTool } from './call-tool.ts';
import { databaseExecute, databaseQuery } from './database.ts';
import { listFiles, readFile, writeFile } from './files.ts';
import type { ToolName } from './grants.ts';
import { httpRequest } from './http-request.ts';
import type { ToolContext } from './ports.ts';
import { runCode } from './run-code.ts';
import { embeddingSearch } from './search.ts';
import { getSharedState, setSharedState } from './shared-state.ts';
import { quote, type Tool } from './tool.ts';

const TOOLS: Record<ToolName, Tool> = {
  read_file: readFile,
  list_files: listFiles,
  write_file: writeFile,
  get_shared_state: getSharedState,
  set_shared_state: setSharedState,
  embedding_search: embeddingSearch,
  database_query: databaseQuery,
  database_execute: databaseExecute,
  run_code: runCode,
  http_request: httpRequest,
};

/** The name under which the SDK, and so the model and the logs, know a tool. */
export function modelToolName(name: ToolName): string {
  return `mcp__muster__${name}`;
}

/** A server that offers exactly these tools. One for each session: an MCP server has one connection in its life. */
export function createToolServer(context: ToolContext, toolNames: readonly ToolName[]): McpSdkServerConfigWithInstance {
  const tools = new Map<string, Tool>(toolNames.map((name) => [name, TOOLS[name]]));
  const config = createSdkMcpServer({
    name: 'muster',
    alwaysLoad: true,
    tools: [...tools.values()].map((tool) => ({
      name: tool.name,
      description: tool.description,
      inputSchema: tool.input,
      handler: (input: unknown) => callTool(tool, context, input),
    })),
  });
  // The SDK's own handler answers wrong input with a dump of the validator's issues, before our code is reached, and
  // does not pass on that the client gave a call up.
  config.instance.server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const tool = tools.get(params.name);
    if (!tool) return notGranted(params.name, tools);
    return callTool(tool, { ...context, signal: AbortSignal.any([context.signal, signal]) }, params.arguments);
  });
  return config;
}

function notGranted(name: string, tools: Map<string, Tool>) {
  const text = `tool: ${quote(name)} is not granted to this subtask; choose one of: ${[...tools.keys()].join(', ')}`;
  return { content: [{ type: 'text' as const, text }], isError: true };
}
