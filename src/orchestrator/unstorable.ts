// Which errors of the database blame what it was given, so that storing the same again can never succeed.

/** SQLSTATE classes: data exception, integrity violation, program limit (such as nesting). */
const UNSTORABLE = /^(22|23|54)[0-9A-Z]{3}$/;

export function isUnstorable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && UNSTORABLE.test(String(error.code));
}
