// Short messages about what was just done, read aloud when they appear. A failure stays longer than a success.
import { X } from 'lucide-react';
import { Toast } from 'radix-ui';
import { useSyncExternalStore } from 'react';
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

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => messages);
  return (
    <Toast.Provider swipeDirection="right">
      {shown.map(({ id, words, failed }) => (
        <Toast.Root
          key={id}
          type={failed ? 'foreground' : 'background'}
          duration={failed ? SHOWN_MS.failed : SHOWN_MS.done}
          onOpenChange={(open) => !open && change(messages.filter((message) => message.id !== id))}
          className={classes(
            failed ? 'tone-red' : 'tone-green',
            'flex items-start gap-3 rounded-lg border border-l-2 border-l-tone bg-raised py-2 pr-1 pl-3 shadow-pop',
          )}
        >
          <Toast.Description className="grow py-1 text-sm">{words}</Toast.Description>
          <Toast.Close asChild>
            <IconButton label="Dismiss">
              <X aria-hidden size={14} />
            </IconButton>
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed right-4 bottom-16 z-50 flex w-80 max-w-[calc(100vw-2rem)] flex-col gap-2 sm:bottom-4" />
    </Toast.Provider>
  );
}
