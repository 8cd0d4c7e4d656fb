// The health check of a container, for images without curl: 0 when the address answers well, else 1 and why on standard
// error.
// usage: node check-health.mjs http://127.0.0.1:8000/readyz
const [, , url = ''] = process.argv;
try {
  // An image's health check has a limit of its own; this one says what happened before it strikes.
  const response = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
} catch (error) {
  const { message, cause } = /** @type {Error} */ (error);
  console.error(`${url}: ${cause instanceof Error ? cause.message : message}`);
  process.exitCode = 1;
}
