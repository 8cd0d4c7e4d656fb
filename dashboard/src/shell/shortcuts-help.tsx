// The list of shortcuts that `?` opens.
import { Modal } from '../design/modal.tsx';
import { useShortcutGroups } from './shortcuts.ts';

export function ShortcutsHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const groups = useShortcutGroups();
  return (
    <Modal title="Keyboard shortcuts" open={open} onClose={onClose}>
      <div className="grid gap-5">
        {groups.map((group) => (
          <section key={group.title}>
            <h3 className="mb-1.5 text-xs font-medium text-ink-3">{group.title}</h3>
            <dl className="grid gap-1">
              {group.shortcuts.map((shortcut) => (
                <div key={shortcut.keys} className="flex items-center justify-between gap-4 text-sm">
                  <dt>{shortcut.words}</dt>
                  <dd className="flex gap-1">
                    {shortcut.keys.split(' ').map((key) => (
                      <Key key={key} name={key} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}

const SIGNS: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

function Key({ name }: { name: string }) {
  return (
    <kbd className="min-w-6 rounded-sm border border-line-strong bg-sunken px-1.5 py-0.5 text-center font-sans text-xs text-ink-2">
      {SIGNS[name] ?? name}
    </kbd>
  );
}
