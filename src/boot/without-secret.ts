// An address as it may be shown: whoever reads it must not learn the password in it.

export function withoutSecret(address: string): string {
  const url = new URL(address);
  if (url.password) url.password = '***';
  return url.href;
}
