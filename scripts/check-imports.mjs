// Enforces .dependency-cruiser.mjs. A script rather than the command line because dependency-cruiser, when it finds no
// parser for TypeScript, reads no file and calls that clean: here a source that was not read is a failure.
import { readdirSync } from 'node:fs';
import { cruise, format } from 'dependency-cruiser';
import rules from '../.dependency-cruiser.mjs';

const { options, forbidden } = rules;
const { output } = await cruise(['src'], { ...options, ruleSet: { forbidden }, validate: true });
if (typeof output === 'string') throw new Error('dependency-cruiser answered text where its result was expected');

const read = new Set(output.modules.map((module) => module.source));
const unread = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((path) => `src/${path.replaceAll('\\', '/')}`)
  .filter((path) => /\.(ts|js)$/.test(path) && !read.has(path));

const report = await format(output, { outputType: 'err' });
process.stdout.write(String(report.output));
if (unread.length > 0)
  console.error(`${unread.length} sources were not read (${unread[0]}, …): is @swc/core installed?`);
process.exitCode = report.exitCode > 0 || unread.length > 0 ? 1 : 0;
