// The pages that a stranger follows, in this order, and those with commands that nobody follows here, with the reason.

/** Security comes last: from its first key on, every request of this folder needs one. */
export const FOLLOWED = [
  'README.md',
  'examples/README.md',
  'docs/budgets.md',
  'docs/tools.md',
  'docs/observability.md',
  'docs/machines.md',
  'docs/operations.md',
  'docs/security.md',
] as const;

/** Languages of blocks that nobody types; the others are `sh`, so that no command hides. */
export const NOT_TYPED = ['', 'console', 'ini', 'json', 'mermaid', 'promql', 'text', 'ts', 'js'];

export const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  'AGENTS.md': 'is for those who change Muster; .ci/run runs its commands',
  'docs/mcp.md': 'needs the command claude; tests/integration/mcp.test.ts connects its client the same way',
  'docs/performance.md': 'installs other engines and measures for an hour',
  'docs/api/': 'has a test of its own, which runs every example: tests/docs/api-examples.test.ts',
};
