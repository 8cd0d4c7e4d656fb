// A program of somebody who installed the package: a folder with the packed package in its node_modules, and the examples.
// The package's own dependencies are those of this checkout.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface PackedApp {
  folder: string;
  /** The command line of the packed package. */
  cli: string;
  remove(): void;
}

/** Packs what the last build made. */
export function packedApp(): PackedApp {
  const folder = mkdtempSync(join(tmpdir(), 'muster-examples-'));
  const muster = join(folder, 'node_modules/muster');
  mkdirSync(muster, { recursive: true });
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(execFileSync('npm', pack, { cwd: ROOT, encoding: 'utf8' })) as [{ filename: string }];
  execFileSync('tar', ['-xzf', join(folder, packed.filename), '-C', muster, '--strip-components=1']);
  symlinkSync(join(ROOT, 'node_modules'), join(muster, 'node_modules'));
  cpSync(join(muster, 'examples'), join(folder, 'examples'), { recursive: true });
  return {
    folder,
    cli: join(muster, 'dist/cli/main.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
