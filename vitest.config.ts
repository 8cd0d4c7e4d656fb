// Unit tests stand beside their source; the wider kinds live under tests/, a folder a kind. Node only, no globals.
import { defineConfig } from 'vitest/config';

/** Kinds of tests by where they lie: `npx vitest run --project unit`. */
const KINDS = {
  unit: ['src/**/*.test.ts', 'tests/support/**/*.test.ts'],
  dashboard: ['dashboard/src/**/*.test.{ts,tsx}'],
  contract: ['tests/contract/**/*.test.ts', 'tests/docs/**/*.test.ts', 'tests/deploy/**/*.test.ts'],
  integration: ['tests/integration/**/*.test.ts'],
  examples: ['tests/examples/**/*.test.ts'],
  compose: ['tests/compose/**/*.test.ts'],
  network: ['tests/network/**/*.test.ts'],
  simulation: ['tests/simulation/**/*.test.ts'],
  e2e: ['tests/e2e/**/*.test.ts'],
  stranger: ['tests/stranger/**/*.test.ts'],
  chaos: ['tests/chaos/**/*.test.ts'],
  fuzz: ['tests/fuzz/**/*.test.ts'],
};

export default defineConfig({
  test: {
    projects: Object.entries(KINDS).map(([name, include]) => ({ extends: true as const, test: { name, include } })),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: ['src/**/*.test.ts', 'src/**/*.contract.ts'],
      reporter: ['text-summary', 'json-summary', 'html'],
      reportOnFailure: true,
      thresholds: { lines: 90, 'src/domain/**/*.ts': { branches: 100 } },
    },
  },
});
