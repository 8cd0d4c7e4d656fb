// The theme: the system's, light or dark. Kept in the browser; public/theme.js sets it before the first paint.
import { useState } from 'react';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'muster-theme';

function current(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return THEMES.find((theme) => theme === chosen) ?? 'system';
}

export function useTheme(): { theme: Theme; next: () => void } {
  const [theme, setTheme] = useState(current);
  const next = () => {
    const following = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
    document.documentElement.dataset.theme = following;
    try {
      localStorage.setItem(KEY, following);
    } catch {
      // Storage may be closed to us; the theme then lasts as long as the page.
    }
    setTheme(following);
  };
  return { theme, next };
}
