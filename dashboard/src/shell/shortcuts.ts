// Keyboard shortcuts: pages register theirs while they show, `?` lists all of them. Keys typed into a field, or together
// with Ctrl, Alt or Meta, are not ours.
import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface Shortcut {
  /** As `KeyboardEvent.key` has it; two keys after each other are written "g t". */
  keys: string;
  words: string;
  /** Left out: handled by a part that has the focus, and listed only. */
  run?: (event: KeyboardEvent) => void;
}

interface Group {
  title: string;
  shortcuts: readonly Shortcut[];
}

const SEQUENCE_MS = 1_000;

let groups: readonly Group[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Group[]): void {
  groups = next;
  for (const listener of listeners) listener();
}

/** The shortcuts that work now, for the page that lists them. */
export function useShortcutGroups(): readonly Group[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => groups,
  );
}

/** The words and keys are taken when the component appears; the newest `run` is called. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]): void {
  const newest = useRef(shortcuts);
  newest.current = shortcuts;
  useEffect(() => {
    const group: Group = {
      title,
      shortcuts: newest.current.map(({ keys, words, run }, nth) => ({
        keys,
        words,
        ...(run && { run: (event: KeyboardEvent) => newest.current[nth]?.run?.(event) }),
      })),
    };
    change([...groups, group]);
    return () => change(groups.filter((other) => other !== group));
  }, [title]);
}

/** Listens to the keyboard; once a page. */
export function useShortcutKeys(): void {
  useEffect(() => {
    let before = { key: '', at: Number.NEGATIVE_INFINITY };
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      const found = find(keysSince(before, event)) ?? find(event.key);
      before = { key: event.key, at: event.timeStamp };
      if (!found?.run) return;
      event.preventDefault();
      found.run(event);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

function keysSince(before: { key: string; at: number }, event: KeyboardEvent): string {
  return event.timeStamp - before.at < SEQUENCE_MS ? `${before.key} ${event.key}` : event.key;
}

/** The group that came last is the innermost, and wins. */
function find(keys: string): Shortcut | undefined {
  return groups
    .toReversed()
    .flatMap((group) => group.shortcuts)
    .find((shortcut) => shortcut.keys === keys);
}

function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return true;
  const target = event.target as HTMLElement;
  return target.closest('input, textarea, select, [contenteditable], [role="menu"], dialog') !== null;
}
