/**
 * Something that the person who starts the process can put right: a wrong setting, a busy port, a missing key.
 * Its message is one line that says what to do; entry points print it without a stack and exit with 1.
 */
export class BootError extends Error {
  override name = 'BootError';
}

/** The one line to print for an error at start: a BootError's own words, or the first line of anything else. */
export function bootLine(error: unknown): string {
  const message = error instanceof Error ? error.message || String(error) : String(error);
  const text = error instanceof AggregateError && !error.message ? String(error.errors[0]) : message;
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
