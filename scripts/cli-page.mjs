// docs/cli.md, from what the commands say of themselves. Pure: what is read and written where is generate-docs.mjs's.

/** @typedef {{ name: string, about: string, help: string }} CommandHelp */

/** @param {readonly CommandHelp[]} commands the program itself first */
export function cliPage([program, ...commands]) {
  const rows = commands.map(({ name, about }) => `| [\`${name}\`](#${name.replaceAll(' ', '-')}) | ${cell(about)} |`);
  const sections = commands.map(({ name, help }) => `## ${name}\n\n${block(help)}`);
  return `<!-- Made by \`npm run generate\` from the commands in src/cli. -->
# Command line

In a clone, \`npx muster\` runs it once \`npm start\` or \`npm run build\` has built it; \`npm link\` makes it \`muster\`.

| command | what it does |
|---|---|
${rows.join('\n')}

## For programs

- **\`--json\`** prints one JSON document on standard output and nothing else; \`logs --follow\` and the services print one a
  line. An error is one line of JSON on standard error: \`{"error": {"code": "not_found", "message": "…", "field": "task_id",
  "status": 404, "request_id": "…"}}\`. Codes are those of [errors.md](errors.md), and \`unreachable\` (nobody answered),
  \`invalid_response\` (not Muster), \`usage\` (the command was called wrongly), \`failed\` (it ran, and what was asked did not come
  about) or one of the system, such as \`EACCES\`.
- **Exit codes**: 0 done; 1 it ran, and what was asked did not come about, such as a watched task that failed; 2 called wrongly.
- **Colours** only on a terminal. \`NO_COLOR\` turns them off everywhere, \`FORCE_COLOR=1\` on where there is none.
- What takes over 2 s says so on standard error; on a terminal that line is wiped away again. \`--json\` says nothing.
- **\`--verbose\`** adds to an error its causes and, when the service answered, the request id under which its log has more.

## ${program?.name ?? ''}

${block(program?.help ?? '')}

${sections.join('\n\n')}
`;
}

/** @param {string} text */
function block(text) {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|');
}
