// Moving through rows by keyboard: the focus itself moves, so that Enter opens and a screen reader follows.

/** The id of the task whose row holds the focus. */
export function focusedTask(): string | undefined {
  const row = document.activeElement?.closest('[data-row]');
  return row?.querySelector<HTMLElement>('[data-task]')?.dataset.task;
}

/** Moves to the next (1) or previous (-1) row; from elsewhere, to the first. */
export function moveFocus(list: HTMLElement | null, step: 1 | -1): void {
  const links = [...(list?.querySelectorAll<HTMLElement>('[data-task]') ?? [])];
  const focused = focusedTask();
  const at = links.findIndex((link) => link.dataset.task === focused);
  const target = links[at === -1 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))];
  target?.focus({ preventScroll: true });
  target?.closest('[data-row]')?.scrollIntoView({ block: 'nearest' });
}
