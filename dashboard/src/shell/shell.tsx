// The frame of every page: where one can go, whether it is live, what is in use. On a phone the places stand at the bottom.
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Bot, Keyboard, ListChecks, type LucideIcon, Monitor, Moon, ScrollText, SquarePen, Sun } from 'lucide-react';
import { useState } from 'react';
import { useSignedOut } from '../data/session.ts';
import { IconButton } from '../design/button.tsx';
import { Toasts } from '../design/toasts.tsx';
import { LiveIndicator } from './live-indicator.tsx';
import { useShortcutKeys, useShortcuts } from './shortcuts.ts';
import { ShortcutsHelp } from './shortcuts-help.tsx';
import { SignIn } from './sign-in.tsx';
import { SignOutButton } from './sign-out-button.tsx';
import { SystemBanner } from './system-banner.tsx';
import { type Theme, useTheme } from './theme.ts';

interface Place {
  to: '/' | '/tasks' | '/agents' | '/logs';
  words: string;
  icon: LucideIcon;
  keys: string;
}

const PLACES: readonly Place[] = [
  { to: '/', words: 'Home', icon: SquarePen, keys: 'g h' },
  { to: '/tasks', words: 'Tasks', icon: ListChecks, keys: 'g t' },
  { to: '/agents', words: 'Agents', icon: Bot, keys: 'g a' },
  { to: '/logs', words: 'Logs', icon: ScrollText, keys: 'g l' },
];

/** What is shown once the orchestrator lets the browser in. */
export function Shell() {
  return useSignedOut() ? <SignIn /> : <Frame />;
}

function Frame() {
  const [helping, setHelping] = useState(false);
  const navigate = useNavigate();
  useShortcutKeys();
  useShortcuts('Everywhere', [
    ...PLACES.map(({ to, words, keys }) => ({ keys, words: `Go to ${words}`, run: () => void navigate({ to }) })),
    { keys: 'n', words: 'New task', run: () => void navigate({ to: '/new' }) },
    { keys: '?', words: 'Show these shortcuts', run: () => setHelping(true) },
  ]);
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:bg-raised focus:p-2"
      >
        Skip to content
      </a>
      <TopBar onHelp={() => setHelping(true)} />
      <SystemBanner />
      <main id="main" tabIndex={-1} className="flex min-w-0 grow flex-col pb-14 outline-none sm:pb-0">
        <Outlet />
      </main>
      <BottomBar />
      <ShortcutsHelp open={helping} onClose={() => setHelping(false)} />
      <Toasts />
    </div>
  );
}

function TopBar({ onHelp }: { onHelp: () => void }) {
  return (
    <header className="sticky top-0 z-30 flex h-12 items-center gap-4 border-b bg-surface px-4">
      <Link to="/" className="flex items-center gap-2 font-semibold tracking-tight">
        <img src="/icon.svg" alt="" width={20} height={20} />
        Muster
      </Link>
      <nav aria-label="Pages" className="hidden h-full gap-1 sm:flex">
        {PLACES.map(({ to, words }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            className="flex h-full items-center border-b-2 border-transparent px-2 pt-0.5 text-sm text-ink-2 transition-colors hover:text-ink data-[status=active]:border-accent data-[status=active]:text-ink"
          >
            {words}
          </Link>
        ))}
      </nav>
      <div className="ml-auto flex items-center gap-1">
        <div className="mr-2">
          <LiveIndicator />
        </div>
        <IconButton label="Keyboard shortcuts (?)" onClick={onHelp} className="max-sm:hidden">
          <Keyboard aria-hidden size={16} />
        </IconButton>
        <ThemeButton />
        <SignOutButton />
      </div>
    </header>
  );
}

const THEME_ICONS: Record<Theme, LucideIcon> = { system: Monitor, light: Sun, dark: Moon };

function ThemeButton() {
  const { theme, next } = useTheme();
  const Icon = THEME_ICONS[theme];
  return (
    <IconButton label={`Theme: ${theme}`} onClick={next}>
      <Icon aria-hidden size={16} />
    </IconButton>
  );
}

function BottomBar() {
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t bg-surface pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {PLACES.map(({ to, words, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === '/', includeSearch: false }}
          className="flex h-14 grow basis-0 flex-col items-center justify-center gap-0.5 text-2xs text-ink-2 data-[status=active]:text-accent-ink"
        >
          <Icon aria-hidden size={18} />
          {words}
        </Link>
      ))}
    </nav>
  );
}
