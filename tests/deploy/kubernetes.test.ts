// The manifests of deploy/kubernetes fit the API of Kubernetes: its schemas find wrong and missing values, its types find
// names that it does not know. And they fit each other, the settings and the default crew.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { settings } from '../../src/config.ts';
import { DEFAULT_CREW } from '../../src/domain/agent.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'deploy/kubernetes');

interface Variable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: { key: string; optional?: boolean } };
}
interface Manifest {
  file: string;
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: judged by the schemas of Kubernetes below
  spec?: any;
  data?: Record<string, string>;
}

const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const kustomization = parse(read('kustomization.yaml')) as { resources: string[] };
const manifests: Manifest[] = kustomization.resources.flatMap((file) =>
  parseAllDocuments(read(file)).map((document) => ({ file, ...document.toJS() })),
);
const nameOf = ({ file, kind, metadata }: Manifest) => `${kind} ${metadata.name} in ${file}`;
const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
const bare = ({ file: _, ...manifest }: Manifest) => manifest;
const modelOf = ({ apiVersion, kind }: Manifest) => `kubernetes-models/${apiVersion}/${kind}`;
const containerOf = (manifest: Manifest) => manifest.spec.template.spec.containers[0];
const musters = manifests.filter(
  (manifest) => manifest.spec?.template && containerOf(manifest).image === 'muster:latest',
);

it('kustomization.yaml names every manifest', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
  expect(kustomization.resources.toSorted()).toEqual(files.toSorted());
});

describe('each manifest', () => {
  it.each(manifests.map((manifest) => [nameOf(manifest), manifest] as const))('%s is valid', async (_, manifest) => {
    const models = await import(modelOf(manifest));
    const Model = models[manifest.kind] as new (data: object) => { validate(): void };
    expect(() => new Model(bare(manifest)).validate()).not.toThrow();
  });

  describe('for the compiler', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'muster-kubernetes-'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const complaintsAbout = (all: readonly Manifest[]) => {
      const lines = all.map((manifest, nth) => {
        const type = `import('${ROOT}node_modules/${modelOf(manifest)}').I${manifest.kind}`;
        return `export const m${nth}: ${type} = ${JSON.stringify(bare(manifest))};\n`;
      });
      const file = join(folder, 'manifests.ts');
      writeFileSync(file, lines.join(''));
      const options = [
        '--noEmit',
        '--ignoreConfig',
        '--strict',
        '--skipLibCheck',
        '--types',
        '',
        '--module',
        'nodenext',
        '--target',
        'es2023',
      ];
      try {
        execFileSync(join(ROOT, 'node_modules/.bin/tsc'), [...options, file], { encoding: 'utf8' });
        return '';
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };

    it('has no name that Kubernetes does not know', () => {
      expect(complaintsAbout(manifests)).toBe('');
    });

    it('would have been refused with one', () => {
      const [deployment] = structuredClone(ofKind('Deployment'));
      if (!deployment) throw new Error('there is no deployment');
      containerOf(deployment).imag = 'muster';
      expect(complaintsAbout([deployment])).toMatch(/imag.* does not exist/);
    });
  });
});

describe('the parts of Muster', () => {
  it.each(musters.map((manifest) => [nameOf(manifest), manifest] as const))(
    '%s is given settings that exist',
    (_, manifest) => {
      const env = (containerOf(manifest).env as Variable[]).map(({ name }) => name);
      const own = ['REDIS_PASSWORD', 'POSTGRES_PASSWORD', 'AGENT_ADDRESS'];
      const [shared] = ofKind('ConfigMap');
      const unknown = [...env, ...Object.keys(shared?.data ?? {})].filter(
        (name) => !(name in settings.shape) && !own.includes(name),
      );
      expect(unknown).toEqual([]);
    },
  );

  it.each(musters.map((manifest) => [nameOf(manifest), manifest] as const))(
    '%s has no right it does not need',
    (_, manifest) => {
      const pod = manifest.spec.template.spec;
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true },
      });
      expect(containerOf(manifest).securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    },
  );

  it('take every secret from secrets.env.example', () => {
    const known = [...read('secrets.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);
    const containers = manifests.filter((manifest) => manifest.spec?.template).map(containerOf);
    const asked = containers
      .flatMap((container) => (container.env ?? []) as Variable[])
      .flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
    expect(asked.filter(({ key, optional }) => !optional && !known.includes(key))).toEqual([]);
  });

  it('give an orchestrator an hour to bring a large database up to date', () => {
    const [orchestrator] = musters.filter(({ metadata }) => metadata.name === 'orchestrator');
    const { periodSeconds, failureThreshold } = containerOf(orchestrator!).startupProbe;
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(3_600);
  });

  it('never give an agent the database', () => {
    const agents = musters.filter(({ metadata }) => metadata.name.startsWith('agent-'));
    expect(JSON.stringify(agents)).not.toContain('POSTGRES');
  });
});

describe('the crew', () => {
  const agents = ofKind('Deployment').filter(({ metadata }) => metadata.name.startsWith('agent-'));
  const capabilitiesOf = (manifest: Manifest) =>
    (containerOf(manifest).env as Variable[]).find(({ name }) => name === 'AGENT_CAPABILITIES')?.value?.split(',') ??
    [];

  it('is the default one', () => {
    const crew = agents.map((agent) => ({
      agent_id: agent.metadata.name.replace('-', '_'),
      capabilities: capabilitiesOf(agent),
    }));
    expect(crew).toEqual(DEFAULT_CREW);
  });

  it('differs in name and capabilities only', () => {
    const same = agents.map((agent) =>
      JSON.stringify(bare(agent)).replaceAll(agent.metadata.name, 'NAME').replace(capabilitiesOf(agent).join(), 'WHAT'),
    );
    expect(new Set(same).size).toBe(1);
  });

  it.each(agents.map((agent) => [agent.metadata.name, agent] as const))(
    '%s grows with the work that it can do',
    (name, agent) => {
      const scaler = ofKind('HorizontalPodAutoscaler').find(({ metadata }) => metadata.name === name);
      expect(scaler?.spec.scaleTargetRef.name).toBe(name);
      const { metric } = scaler?.spec.metrics[0].external ?? {};
      expect(metric).toEqual({ name: 'muster_queue_depth', selector: { matchLabels: { crew: name } } });
      const rules = parse(read('monitoring/prometheus-rules.yaml')).groups[0].rules as {
        labels: { crew: string };
        record: string;
        expr: string;
      }[];
      const rule = rules.find(({ labels }) => labels.crew === name);
      expect(rule?.record).toBe(metric.name);
      const sets = /capabilities=~"([^"]+)"/.exec(rule?.expr ?? '')?.[1]?.split('|') ?? [];
      const [one = '', other = ''] = capabilitiesOf(agent).toSorted();
      expect(sets).toEqual([one, other, `${one},${other}`]);
    },
  );
});
