// `muster doctor`: whether Muster could start and work here, and what to do where not. What is looked at is boot/doctor's.
import type { Command } from 'commander';
import type { Finding } from '../../boot/doctor/finding.ts';
import { jsonOption } from '../command.ts';
import type { OrchestratorPlace } from '../connection.ts';
import { Failure } from '../failure.ts';
import { findingLines } from '../finding-lines.ts';
import { type Io, writeJson, writeLines } from '../io.ts';
import { withProgress } from '../progress.ts';

const HELP = `
Looks at Node.js, settings, ports, folders, PostgreSQL, Redis, credentials (which are never printed), the model, the
orchestrator, its agents and the clocks. It changes nothing, and no look takes longer than 6 s.
Exit code 1 means that something is wrong; a warning alone is 0.`;

export function addDoctor(program: Command, io: Io, place: () => OrchestratorPlace): void {
  program
    .command('doctor')
    .description('look whether everything is there that Muster needs, and say what to do where not')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action((options: { json: boolean }) => doctor(io, place(), options));
}

async function doctor(io: Io, orchestrator: OrchestratorPlace, { json }: { json: boolean }): Promise<void> {
  // Loaded only here: the other commands must not wait for drivers and SDKs to be read.
  const { examine } = await import('../../boot/doctor/doctor.ts');
  const work = () => examine({ env: io.env, orchestrator });
  const findings = await (json ? work() : withProgress(io, 'looking', work));
  const count = (verdict: Finding['verdict']) => findings.filter((finding) => finding.verdict === verdict).length;
  if (json) writeJson(io.stdout, { ok: count('wrong') === 0, findings });
  else writeLines(io.stdout, findingLines(findings, io.colors));
  if (count('wrong') > 0) throw new Failure(`${count('wrong')} wrong, ${count('warning')} to be warned of`);
}
