// The blocks of the documentation that a test cannot run, and why. A block is named by its page and a part of its text
// that no other block of the page has. What is declared here and is in no page any more fails the run.
export interface NotHere {
  page: string;
  contains: string;
  reason: string;
}

export const NOT_HERE: readonly NotHere[] = [
  { page: 'README.md', contains: 'ANTHROPIC_API_KEY=', reason: 'needs a key of the Claude API, and pays for it' },
  { page: 'docs/observability.md', contains: 'prometheus --config.file', reason: 'needs a Prometheus server' },
  { page: 'docs/observability.md', contains: 'docker run', reason: 'needs Docker' },
  { page: 'docs/operations.md', contains: 'scripts/start.sh\n', reason: 'needs Docker; tests/compose does it without' },
  { page: 'docs/operations.md', contains: 'docker compose up --build', reason: 'needs Docker' },
  { page: 'docs/operations.md', contains: 'docker build', reason: 'needs Docker and a Kubernetes cluster' },
  { page: 'docs/operations.md', contains: 'pg_dump --username', reason: 'needs Docker' },
  { page: 'docs/operations.md', contains: 'pg_restore --username', reason: 'needs Docker' },
];
