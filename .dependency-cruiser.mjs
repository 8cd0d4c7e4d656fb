// Who may import whom under src/, as ARCHITECTURE.md draws it. `npm run check:imports` enforces it; tests are free.
// The files that lie in src/ itself (config, clock, log) are open to every folder but domain.

const TELEMETRY = 'telemetry/';
const BUS_PORT = 'bus/bus\\.ts$';

/** For each folder, the other folders (or single files) it may import. */
const MAY_IMPORT = {
  domain: [],
  protocol: ['domain/'],
  store: ['domain/'],
  bus: ['domain/'],
  planner: ['domain/'],
  telemetry: ['domain/'],
  scheduler: ['domain/', 'protocol/', 'store/', 'planner/', TELEMETRY, BUS_PORT],
  orchestrator: ['domain/', 'protocol/', 'store/', 'planner/', TELEMETRY, BUS_PORT],
  agent: ['domain/', 'protocol/', TELEMETRY, BUS_PORT],
  offline: [],
  dashboard: ['domain/', 'protocol/', TELEMETRY],
  boot: [
    'domain/',
    'protocol/',
    'store/',
    'bus/',
    'planner/',
    'scheduler/',
    'orchestrator/',
    'agent/',
    'offline/',
    'dashboard/',
    TELEMETRY,
  ],
  cli: ['protocol/', 'boot/'],
};

const TEST = '\\.(test|contract)\\.tsx?$';
/** What Node brings along: the only names without an extension. */
const CORE_MODULE = '^[a-z:_]+$';
const ROOT_FILE = '^src/[^/]+\\.ts$';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const folderRules = Object.entries(MAY_IMPORT).map(([folder, others]) => ({
  name: `${folder}-imports-only-its-row`,
  comment: `src/${folder} may import ${others.join(' ') || 'no other folder'} (see ARCHITECTURE.md).`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: TEST },
  to: { path: '^src/', pathNot: [`^src/${folder}/`, ROOT_FILE, ...others.map((other) => `^src/${other}`)] },
}));

/** @type {Required<Pick<import('dependency-cruiser').IConfiguration, 'forbidden' | 'options'>>} */
export default {
  forbidden: [
    ...folderRules,
    {
      name: 'every-folder-has-a-row',
      comment: 'A new folder needs its row in MAY_IMPORT and in ARCHITECTURE.md.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: [TEST, `^src/(${Object.keys(MAY_IMPORT).join('|')})/`] },
      to: {},
    },
    {
      name: 'domain-is-pure',
      comment: 'src/domain knows zod and nothing else: no folder, no setting, no clock, no Node.',
      severity: 'error',
      from: { path: '^src/domain/', pathNot: TEST },
      to: { pathNot: ['^src/domain/', '^node_modules/zod/'] },
    },
    {
      name: 'web-app-imports-only-its-row',
      comment: 'dashboard/src runs in browsers: of src/ it may import domain and the wire schemas, and never Node.',
      severity: 'error',
      from: { path: '^dashboard/src/', pathNot: TEST },
      to: { path: '^src/', pathNot: '^src/(domain|protocol)/' },
    },
    {
      name: 'web-app-without-node',
      severity: 'error',
      from: { path: '^dashboard/src/', pathNot: TEST },
      to: { path: CORE_MODULE, reachable: true },
    },
    {
      name: 'pages-know-no-other-page',
      comment: 'What two pages share belongs into design, data, format or shell.',
      severity: 'error',
      from: { path: '^dashboard/src/pages/([^/]+)/' },
      to: { path: '^dashboard/src/pages/', pathNot: '^dashboard/src/pages/$1/' },
    },
    {
      name: 'root-files-know-only-domain',
      severity: 'error',
      from: { path: ROOT_FILE, pathNot: TEST },
      to: { path: '^src/', pathNot: ['^src/domain/', ROOT_FILE] },
    },
    {
      name: 'boot-picks-the-bus',
      comment: 'Everyone else works with the port bus/bus.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, '^src/(boot|bus)/'] },
      to: { path: '^src/bus/(?!bus\\.ts$)' },
    },
    {
      name: 'boot-picks-the-driver',
      comment: 'Everyone else works with the port store/db.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: [TEST, '^src/(boot|store)/'] },
      to: { path: '^src/store/db-[^/]+\\.ts$' },
    },
    {
      name: 'tracing-loads-on-demand',
      comment: "OpenTelemetry's SDK is imported when traces are sent somewhere; everyone else uses its API alone.",
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/telemetry/tracing-provider\\.ts$', TEST] },
      to: { path: '^node_modules/@opentelemetry/(?!api/)' },
    },
    {
      name: 'tracing-provider-loads-on-demand',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: '^src/telemetry/tracing-provider\\.ts$', dynamic: false },
    },
    {
      name: 'no-cycles',
      comment: 'Files that import each other are one file, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'sources-need-no-tests',
      comment: 'What ships must not need tests or development dependencies.',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { path: ['^tests/', TEST] },
    },
    {
      name: 'sources-need-no-development-dependency',
      severity: 'error',
      from: { path: '^src/', pathNot: TEST },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'] },
    },
  ],
  options: {
    // TypeScript 7 offers no parser to other programs; SWC's sees type-only imports too.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
  },
};
