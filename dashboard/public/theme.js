// Sets the chosen theme before the first paint. A file of its own, because the content security policy allows no inline
// scripts; what can be chosen is in src/shell/theme.ts.
try {
  document.documentElement.dataset.theme = localStorage.getItem('muster-theme') ?? 'system';
} catch {
  // Storage may be closed to us; then the system's theme it is.
}
