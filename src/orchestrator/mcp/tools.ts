// Which tools there are, and who sees which.
import type { Tool as ListedTool } from '@modelcontextprotocol/sdk/types.js';
import { includes, type Role } from '../../domain/role.ts';
import { listAgents } from './agent-tool.ts';
import { readTaskFile } from './file-tool.ts';
import { cancelTask, getTask, listTasksTool, submitTask, waitForTaskTool } from './task-tools.ts';
import type { Tool } from './tool.ts';

const TOOLS: readonly Tool[] = [
  submitTask,
  getTask,
  waitForTaskTool,
  listTasksTool,
  cancelTask,
  listAgents,
  readTaskFile,
];

export const TOOL_NAMES = TOOLS.map((tool) => tool.name);

export function findTool(name: string): Tool | undefined {
  return TOOLS.find((tool) => tool.name === name);
}

/** Those that the role allows: a model should not try what it may not do. */
export function toolsFor(role: Role): ListedTool[] {
  return TOOLS.filter((tool) => includes(role, tool.access)).map(
    ({ name, description, inputSchema, hints: annotations }) => ({ name, description, inputSchema, annotations }),
  );
}
