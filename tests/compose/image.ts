// The image of the Dockerfile without a container engine: its stages as folders, its COPY and RUN steps carried out in them.
// What only Debian's package manager can do is left out, and what `npm ci` has installed here is not installed once more.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DockerfileParser, type Entrypoint, type Instruction, type JSONInstruction } from 'dockerfile-ast';

const CONTEXT = fileURLToPath(new URL('../..', import.meta.url));
/** Steps that are the engine's own, or would touch this machine. */
const NOT_HERE = /^(apt-get|rm|chown|npm cache) /;
const IGNORED = /(\.test\.tsx?|\/node_modules|\/dist)$/;
/** `node` in the base image. */
const USER = 1000;

export interface Image {
  /** Where its `/` lies. */
  root: string;
  env: Record<string, string>;
  entrypoint: string[];
  /** Who its processes run as; empty where this process may not choose. */
  user: { uid?: number; gid?: number };
}

interface Stage {
  root: string;
  workdir: string;
  env: Record<string, string>;
  entrypoint: string[];
}

/** Takes as long as `npm ci --omit=dev` and the build. */
export function buildImage(folder: string): Image {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const instruction of parseDockerfile().getInstructions()) {
    if (instruction.getKeyword() === 'FROM') {
      const [, , name = 'final'] = wordsOf(instruction);
      stage = { root: join(folder, name), workdir: '/', env: {}, entrypoint: [] };
      mkdirSync(join(stage.root, 'usr/local/bin'), { recursive: true });
      stages.set(name, stage);
    } else if (stage) STEPS[instruction.getKeyword()]?.(instruction, stage, stages);
  }
  if (!stage) throw new Error('the Dockerfile has no FROM');
  const { root, env, entrypoint } = stage;
  return { root, env, entrypoint, user: giveData(folder, root) };
}

export function parseDockerfile() {
  return DockerfileParser.parse(readFileSync(join(CONTEXT, 'Dockerfile'), 'utf8'));
}

function wordsOf(instruction: Instruction): string[] {
  return instruction.getArguments().map((word) => word.getValue());
}

type Step = (instruction: Instruction, stage: Stage, stages: ReadonlyMap<string, Stage>) => void;

const STEPS: Readonly<Record<string, Step>> = {
  WORKDIR(instruction, stage) {
    stage.workdir = wordsOf(instruction)[0] ?? '/';
    mkdirSync(join(stage.root, stage.workdir), { recursive: true });
  },
  ENV(instruction, stage) {
    for (const word of wordsOf(instruction)) {
      const [name = '', ...value] = word.split('=');
      stage.env[name] = value.join('=');
    }
  },
  ENTRYPOINT(instruction, stage) {
    stage.entrypoint = (instruction as Entrypoint).getJSONStrings().map((word) => JSON.parse(word.getValue()));
  },
  COPY: (instruction, stage, stages) => copy(instruction as JSONInstruction, stage, stages),
  RUN: (instruction, stage) => run(instruction, stage),
};

function copy(instruction: JSONInstruction, { root, workdir }: Stage, stages: ReadonlyMap<string, Stage>): void {
  const from = instruction.getFlags().find((flag) => flag.getName() === 'from');
  const source = from ? stages.get(from.getValue() ?? '')?.root : CONTEXT;
  if (source === undefined) throw new Error(`no stage is called ${from?.getValue()}`);
  const words = wordsOf(instruction);
  const target = words.pop() ?? '';
  for (const path of words) {
    const place = join(root, workdir, target, target.endsWith('/') ? basename(path) : '');
    const filter = (file: string) => Boolean(from) || !IGNORED.test(file);
    cpSync(join(source, path), place, { recursive: true, verbatimSymlinks: true, filter });
  }
}

function run(instruction: Instruction, { root, workdir }: Stage): void {
  const steps = (instruction.getArgumentsContent() ?? '').split('&&').map((step) => step.trim());
  for (const step of steps.filter((one) => !NOT_HERE.test(one))) {
    if (step === 'npm ci') {
      symlinkSync(join(CONTEXT, 'node_modules'), join(root, workdir, 'node_modules'));
      continue;
    }
    execFileSync('sh', ['-euc', inside(root, step)], {
      cwd: join(root, workdir),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}

/** The image's absolute paths in a command or a setting, as paths of this machine. */
export function inside(root: string, text: string): string {
  return text.replaceAll(/(?<=^|\s)\/(muster|data|usr\/local\/bin)(?=\/|\s|$)/g, `${root}/$1`);
}

/** The folders of the volumes belong to the image's user, and its processes run as that user, where root can arrange it. */
function giveData(folder: string, root: string): Image['user'] {
  if (process.getuid?.() !== 0) return {};
  chmodSync(folder, 0o755);
  for (const name of ['data', 'data/shared_files', 'data/embedded']) chownSync(join(root, name), USER, USER);
  return { uid: USER, gid: USER };
}
