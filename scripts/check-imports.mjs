// Enforces .dependency-cruiser.mjs. A script rather than the command line because dependency-cruiser, when it finds no
// parser for TypeScript, reads no file and calls that clean: here a source that was not read is a failure.
import { readdirSync } from 'node:fs';
import swc from '@swc/core';
import { cruise, format } from 'dependency-cruiser';
import rules from '../.dependency-cruiser.mjs';

// dependency-cruiser parses every file without JSX: "TODO: {tj}sx ?" in its src/extract/swc/parse.mjs.
const { parseFileSync } = swc;
Object.assign(swc, {
  parseFileSync: (/** @type {string} */ path) =>
    parseFileSync(path, { syntax: 'typescript', decorators: true, tsx: path.endsWith('x') }),
});

const FOLDERS = ['src', 'dashboard/src'];

const { options, forbidden } = rules;
const { output } = await cruise(FOLDERS, { ...options, ruleSet: { forbidden }, validate: true });
if (typeof output === 'string') throw new Error('dependency-cruiser answered text where its result was expected');

const read = new Set(output.modules.map((module) => module.source));
const unread = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => /\.(tsx?|js)$/.test(path) && !read.has(path)),
);

const report = await format(output, { outputType: 'err' });
process.stdout.write(String(report.output));
if (unread.length > 0)
  console.error(`${unread.length} sources were not read (${unread[0]}, …): is @swc/core installed?`);
process.exitCode = report.exitCode > 0 || unread.length > 0 ? 1 : 0;
