// The tool that reads a task's files: text as text, pictures as pictures, anything else as bytes in base64; what is large
// in parts. It answers with content alone: clients that prefer structured content would not show the file.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { readTaskFileArguments } from '../../protocol/mcp-api.ts';
import { type FilePart, listFiles, readPart, taskFolder } from '../task-files.ts';
import { findStatus } from '../task-response.ts';
import { answerWith, defineTool, refuseForeignTask } from './tool.ts';

/** A larger picture comes as bytes, in parts: models take none over 5 MB in base64. */
const IMAGE_BYTES_MAX = 3_750_000;
/** Files that a list names. */
const FILES_SHOWN = 200;

type Content = CallToolResult['content'][number];

export const readTaskFile = defineTool({
  name: 'read_task_file',
  description: "A file of a task's folder, or without path the list: input/ was attached, output/ is the agents' work.",
  access: 'read',
  hints: { readOnlyHint: true, openWorldHint: false },
  schema: readTaskFileArguments,
  async work({ task_id, path, offset, max_bytes }, call) {
    await refuseForeignTask(call, task_id);
    await findStatus(call.parts, task_id);
    const folder = taskFolder(call.parts.config.sharedFiles, task_id);
    if (path === undefined) return listed(folder);
    const image = offset === 0 ? await readImage(folder, path) : null;
    if (image) return { content: [image] };
    const part = await readPart(folder, path, { offset, maxBytes: max_bytes });
    return { content: contentOf(part, { offset, uri: uriOf(task_id, path) }) };
  },
});

async function listed(folder: string): Promise<CallToolResult> {
  const files = await listFiles(folder);
  return answerWith({ files: files.slice(0, FILES_SHOWN), count: files.length });
}

/** By its first bytes, whatever its name: a whole picture, or null. */
async function readImage(folder: string, path: string): Promise<Content | null> {
  const { bytes, content: head } = await readPart(folder, path, { offset: 0, maxBytes: 12 });
  const mimeType = imageTypeOf(head.toString('latin1'));
  if (mimeType === null || bytes > IMAGE_BYTES_MAX) return null;
  const { content } = await readPart(folder, path, { offset: 0, maxBytes: IMAGE_BYTES_MAX });
  return { type: 'image', data: content.toString('base64'), mimeType };
}

/** `head` has a character for each byte. */
function imageTypeOf(head: string): string | null {
  if (head.startsWith('\u0089PNG\r\n')) return 'image/png';
  if (head.startsWith('\u00ff\u00d8\u00ff')) return 'image/jpeg';
  if (head.startsWith('GIF8')) return 'image/gif';
  return head.startsWith('RIFF') && head.endsWith('WEBP') ? 'image/webp' : null;
}

function contentOf({ bytes, content }: FilePart, { offset, uri }: { offset: number; uri: string }): Content[] {
  const isEnd = offset + content.length >= bytes;
  const text = textIn(content, isEnd);
  const end = offset + (text === null ? content.length : Buffer.byteLength(text));
  const shown: Content =
    text === null
      ? {
          type: 'resource',
          resource: { uri, mimeType: 'application/octet-stream', blob: content.toString('base64') },
        }
      : { type: 'text', text };
  if (end >= bytes) return [shown];
  const note = `[bytes ${offset} to ${end} of ${bytes}: go on with offset ${end}]`;
  return [shown, { type: 'text', text: note }];
}

/** UTF-8 text, or null. A character that the part cuts in two is left to the next part. */
function textIn(content: Buffer, isEnd: boolean): string | null {
  if (content.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content, { stream: !isEnd });
  } catch {
    return null;
  }
}

function uriOf(taskId: string, path: string): string {
  return `muster://tasks/${taskId}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
}
