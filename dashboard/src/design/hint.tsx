// A tooltip. It only adds: whatever it says must not be the only place that says it.
import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';

const DELAY_MS = 300;

export function Hint({ words, children }: { words: ReactNode; children: ReactNode }) {
  return (
    <Tooltip.Provider delayDuration={DELAY_MS}>
      <Tooltip.Root>
        <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
        <Tooltip.Portal>
          <Tooltip.Content
            sideOffset={6}
            collisionPadding={8}
            className="z-50 max-w-72 rounded-md border bg-raised px-2 py-1 text-xs text-ink-2 shadow-pop"
          >
            {words}
          </Tooltip.Content>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}
