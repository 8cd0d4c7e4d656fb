// An MCP client as tests use it: the SDK's own, with a key, and its tools' answers as data.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

export interface ConnectOptions {
  key?: string;
  /** Default: the global one. */
  fetch?: typeof fetch;
}

export async function connectMcp(url: string, { key, fetch }: ConnectOptions = {}) {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const transport = new StreamableHTTPClientTransport(new URL('/mcp', url), {
    requestInit: { headers },
    ...(fetch && { fetch }),
  });
  // Its types are not made for exactOptionalPropertyTypes.
  await client.connect(transport as Parameters<Client['connect']>[0]);
  const callTool = async (name: string, given: Record<string, unknown> = {}, options: RequestOptions = {}) =>
    (await client.callTool({ name, arguments: given }, undefined, options)) as CallToolResult;
  return {
    client,
    callTool,
    /** The structured answer. Rejects when the tool refused. */
    async ask(name: string, given?: Record<string, unknown>, options?: RequestOptions) {
      const result = await callTool(name, given, options);
      if (result.isError) throw new Error(JSON.stringify(result));
      // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever a tool answers
      return result.structuredContent as any;
    },
    /** The error of a call that is refused. */
    async refusal(name: string, given?: Record<string, unknown>) {
      const result = await callTool(name, given);
      if (!result.isError) throw new Error(`${name} was not refused: ${JSON.stringify(result)}`);
      return result.structuredContent?.error as { code: string; detail: string; field?: string; retryable: boolean };
    },
    close: () => client.close(),
  };
}

export type McpClient = Awaited<ReturnType<typeof connectMcp>>;
