// Short messages about what was just done, read aloud when they appear. A failure stays longer than a success; under the
// pointer, or with the focus in it, a message stays.
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { IconButton } from './button.tsx';
import { classes } from './classes.ts';

interface Message {
  id: number;
  words: string;
  failed: boolean;
}

const SHOWN_MS = { done: 4_000, failed: 10_000 };

let messages: readonly Message[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function change(next: readonly Message[]): void {
  messages = next;
  for (const listener of listeners) listener();
}

export function say(words: string): void {
  lastId += 1;
  change([...messages, { id: lastId, words, failed: false }]);
}

export function sayFailed(words: string): void {
  lastId += 1;
  change([...messages, { id: lastId, words, failed: true }]);
}

function dismiss(id: number): void {
  change(messages.filter((message) => message.id !== id));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => messages);
  return (
    <section
      aria-label="Messages"
      aria-live="polite"
      className="fixed right-4 bottom-16 z-50 flex w-80 max-w-[calc(100vw-2rem)] flex-col gap-2 sm:bottom-4"
    >
      {shown.map((message) => (
        <Toast key={message.id} message={message} />
      ))}
    </section>
  );
}

function Toast({ message: { id, words, failed } }: { message: Message }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const timer = setInterval(
      () => box.current?.matches(':hover, :focus-within') || dismiss(id),
      failed ? SHOWN_MS.failed : SHOWN_MS.done,
    );
    return () => clearInterval(timer);
  }, [id, failed]);
  const Icon = failed ? CircleAlert : CircleCheck;
  return (
    <div
      ref={box}
      className={classes(
        failed ? 'tone-red' : 'tone-green',
        'flex items-start gap-2 rounded-lg border bg-raised py-2 pr-1 pl-3 shadow-pop',
      )}
    >
      <Icon aria-hidden size={14} className="mt-2 shrink-0 text-tone" />
      <p className="grow py-1 text-sm">{words}</p>
      <IconButton label="Dismiss" onClick={() => dismiss(id)}>
        <X aria-hidden size={14} />
      </IconButton>
    </div>
  );
}
