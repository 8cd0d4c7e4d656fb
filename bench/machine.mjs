// The machine and the versions that were measured on, in words.
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { describeServers } from './servers.mjs';

export async function describeMachine() {
  const { postgres, redis } = await describeServers();
  const [cpu] = cpus();
  return {
    machine: `${cpus().length} x ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}`,
    node: process.version,
    postgres: `${postgres.version}, fsync ${postgres.fsync}, synchronous_commit ${postgres.synchronous_commit}`,
    redis: `${redis.version}, ${redis.durability}`,
  };
}

/** @param {string} name */
export function versionOf(name) {
  const lock = JSON.parse(readFileSync(new URL('./package-lock.json', import.meta.url), 'utf8'));
  return /** @type {string} */ (lock.packages[`node_modules/${name}`]?.version ?? '');
}
