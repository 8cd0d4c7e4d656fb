// From an address to listen on to one to ask.

/** A service that listens on every address is reached by the loopback one. Fit for a URL. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
