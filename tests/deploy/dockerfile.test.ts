// The Dockerfile by a linter's rules and by ours. Whether what it builds runs is seen in tests/compose.
import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parseDockerfile } from '../compose/image.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const instructions = parseDockerfile().getInstructions();
const argumentsOf = (keyword: string) =>
  instructions
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) => instruction.getArguments().map((argument) => argument.getValue()));

describe('the Dockerfile', () => {
  it('has no fault that a linter finds', () => {
    expect(validate(read('Dockerfile'))).toEqual([]);
  });

  it('starts from one image of a named version', () => {
    const stages = argumentsOf('FROM').map(([, , name]) => name);
    const images = argumentsOf('FROM')
      .map(([image = '']) => image)
      .filter((image) => !stages.includes(image));
    expect(images).toEqual([expect.stringMatching(/^node:\d+-bookworm-slim$/)]);
  });

  it('takes development dependencies no further than the build', () => {
    expect(read('Dockerfile')).toContain('npm ci --omit=dev');
    expect(argumentsOf('COPY').filter((words) => words.includes('/muster/node_modules'))).toHaveLength(1);
  });

  it('runs as an ordinary user, by the command `muster`, with a health check', () => {
    expect(argumentsOf('USER').at(-1)).toEqual(['node']);
    expect(argumentsOf('ENTRYPOINT').at(-1)?.join(' ')).toBe('["tini", "--", "muster"]');
    expect(argumentsOf('HEALTHCHECK')).toHaveLength(1);
  });

  it('copies only what .dockerignore lets in', () => {
    const [everything, ...rest] = read('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(everything).toBe('*');
    const allowed = rest.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = instructions
      .filter(
        (instruction) => instruction.getKeyword() === 'COPY' && !instruction.getArgumentsContent()?.startsWith('/'),
      )
      .flatMap((instruction) =>
        instruction
          .getArguments()
          .map((argument) => argument.getValue())
          .slice(0, -1),
      );
    expect(copied.filter((path) => !allowed.includes(path))).toEqual([]);
    expect(allowed.filter((path) => !copied.includes(path))).toEqual([]);
  });
});
