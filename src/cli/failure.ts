// How a command says that it did not do what was asked: the message becomes one line on standard error, the class
// decides the exit code. The line itself is written by program.ts.

/** The command ran, and what was asked did not come about: exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
