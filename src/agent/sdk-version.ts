// The version of the Claude Agent SDK that is really installed. The package does not export its package.json, so it is read
// from beside the entry point.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const PACKAGE = '@anthropic-ai/claude-agent-sdk';

/** Such as `claude-agent-sdk@0.3.330`. */
export function readSdkVersion(): string {
  const entry = createRequire(import.meta.url).resolve(PACKAGE);
  const manifest: { version?: string } = JSON.parse(readFileSync(join(dirname(entry), 'package.json'), 'utf8'));
  return `claude-agent-sdk@${manifest.version ?? 'unknown'}`;
}
