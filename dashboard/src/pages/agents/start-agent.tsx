// How an agent is started that Muster did not start itself: the command, or what has to be set before there can be one.
import { useSystem } from '../../data/system.ts';
import { CopyButton } from '../../design/copy-button.tsx';
import { startCommand } from './start-command.ts';

type Place = Parameters<typeof startCommand>[1];

/** Undefined until it is known which bus is in use; null when that takes no agent from outside. */
export function useStartCommand(place: Place): string | null | undefined {
  const { data } = useSystem();
  return data && startCommand(data, place);
}

export function StartAgent({ place }: { place: Place }) {
  const command = useStartCommand(place);
  if (command === undefined) return null;
  return command === null ? <NeedsRedis /> : <Command command={command} />;
}

export function Command({ command }: { command: string }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1.5 text-left">
      <div className="flex items-center gap-1 rounded-md border bg-sunken py-0.5 pr-0.5 pl-3">
        <code className="min-w-0 grow py-1 font-mono text-xs wrap-anywhere text-ink">{command}</code>
        <CopyButton text={command} label="Copy the command" />
      </div>
      <p className="text-xs text-ink-2">
        Add the secrets that Muster was given, if any: the password in place of ***, the key of the model,
        MUSTER_AGENT_TOKEN.
      </p>
    </div>
  );
}

function NeedsRedis() {
  return (
    <p className="text-sm text-ink-2">
      The bus is in memory, and takes no agent from outside. Start Muster with{' '}
      <code className="font-mono text-xs wrap-anywhere text-ink">REDIS_URL=redis://localhost:6379/0 npm start</code>:
      then the command that starts such an agent stands here.
    </p>
  );
}
