// On what it was measured: machine, versions, commit, and how busy the machine was.
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { serverVersions } from './servers.mjs';

const LOOK_MS = 2_000;

/** Percent of all cores that others use, seen while nothing of ours runs. */
export async function usedByOthers() {
  const before = coreTimes();
  await pause(LOOK_MS);
  const after = coreTimes();
  return Math.round(100 * (1 - (after.idle - before.idle) / (after.all - before.all)));
}

function coreTimes() {
  const times = cpus().map((core) => core.times);
  const sum = (/** @type {number[]} */ values) => values.reduce((total, value) => total + value, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((one) => Object.values(one))) };
}

const NOT_THE_PAGE = ':!VALIDATION.md';

/** @typedef {Awaited<ReturnType<typeof describeMachine>>} Machine */

export async function describeMachine() {
  const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const [processor] = cpus();
  // The page itself is what this run writes: a commit of it alone changes nothing that was measured.
  const [commit, committed] = git('log', '-1', '--format=%h %ct', '--abbrev=10', '--', '.', NOT_THE_PAGE).split(' ');
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: String(commit),
    committedAt: Number(committed) * 1000,
    isDirty: git('status', '--porcelain', '--', '.', NOT_THE_PAGE) !== '',
    cores: cpus().length,
    processor: processor?.model.trim() ?? 'unknown processor',
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    servers: await serverVersions(),
  };
}
