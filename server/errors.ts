/** A message key (`form:required`), or a key with its values (`['form:tooLong', { maximum: 80 }]`). */
export type Message = string | readonly [key: string, values: Record<string, unknown>];
export type FieldErrors = Record<string, Message>;

interface Extras {
  readonly fields?: FieldErrors;
  /** Sent as Retry-After. */
  readonly retryAfterSeconds?: number;
  readonly values?: Record<string, unknown>;
  readonly cause?: unknown;
}

/**
 * A failure with an answer. `code` names it for clients, the log and the message `errors:<code>.title`;
 * `expose` false keeps everything but the code's general sentence from the client.
 */
export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly expose: boolean;
  readonly fields: FieldErrors;
  readonly values: Record<string, unknown>;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: string, extras: Extras = {}) {
    super(code, { cause: extras.cause });
    this.name = 'AppError';
    this.status = status;
    this.code = code;
    this.expose = status < 500;
    this.fields = extras.fields ?? {};
    this.values = extras.values ?? {};
    this.retryAfterSeconds = extras.retryAfterSeconds;
  }
}

/** The one answer to a foreign, an unknown and a malformed id, so that they can't be told apart. */
export const notFound = (): AppError => new AppError(404, 'not-found');

/** The request itself is malformed; `field` says where. */
export const badRequest = (code: string, field?: string, values: Record<string, unknown> = {}): AppError =>
  new AppError(400, code, {
    values: { field: field ?? '', ...values },
    ...(field ? { fields: { [field]: `errors:${code}.title` } } : {}),
  });

/** No valid session. */
export const unauthorized = (code = 'unauthorized'): AppError => new AppError(401, code);

/** A valid session that may not do this. */
export const forbidden = (code = 'forbidden', values: Record<string, unknown> = {}): AppError =>
  new AppError(403, code, { values });

/** The state of things forbids it now: an edit of an ended offer, a second decision. */
export const conflict = (code: string, values: Record<string, unknown> = {}): AppError =>
  new AppError(409, code, { values });

/** Well-formed, but not acceptable; one message per field. */
export const invalid = (fields: FieldErrors, code = 'invalid'): AppError =>
  new AppError(422, code, { fields });

/** Slow down. */
export const tooMany = (seconds: number, code = 'too-many-requests'): AppError =>
  new AppError(429, code, { retryAfterSeconds: seconds, values: { minutes: Math.ceil(seconds / 60) } });

/** All database connections are in use. */
export const busy = (cause?: unknown): AppError => new AppError(503, 'busy', { retryAfterSeconds: 2, cause });
