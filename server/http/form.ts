import type { z } from 'zod';
import { type FieldErrors, invalid, type Message } from '../errors.ts';

export type FormResult<Data> =
  | {
      readonly ok: true;
      readonly data: Data;
      readonly values: Record<string, unknown>;
      readonly errors: FieldErrors;
    }
  | { readonly ok: false; readonly values: Record<string, unknown>; readonly errors: FieldErrors };

/**
 * Reads a form's body by its schema. On failure `values` is what was typed, for the same view to show again,
 * and `errors` has one message for each field:
 *
 *     const form = parseForm(branchInput, req.body);
 *     if (!form.ok) return res.page('partner/branches/edit', { title, ...form }, { status: 422 });
 */
export function parseForm<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): FormResult<z.output<Schema>> {
  const { _csrf, password, ...values } = { ...(body as Record<string, unknown> | undefined) };
  const given = password === undefined ? values : { ...values, password };
  const result = schema.safeParse(given, { reportInput: true });
  if (result.success) return { ok: true, data: result.data, values, errors: {} };
  return { ok: false, values, errors: fieldErrors(result.error.issues) };
}

/** A JSON body by its schema. @throws AppError 422 naming each bad field */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body ?? {}, { reportInput: true });
  if (result.success) return result.data;
  throw invalid(fieldErrors(result.error.issues));
}

/** The first message of each field. An issue's own message counts when it is a message key. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldErrors {
  const errors: Record<string, Message> = {};
  for (const issue of issues) {
    const field = fieldOf(issue);
    if (!Object.hasOwn(errors, field)) errors[field] = messageOf(issue);
  }
  return errors;
}

function fieldOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return issue.keys[0] ?? '_form';
  return issue.path.map(String).join('.') || '_form';
}

const KEY = /^[a-z-]+:[\w.-]+$/i;

function messageOf(issue: z.core.$ZodIssue): Message {
  if (KEY.test(issue.message)) {
    // What was typed is no part of the message: it may be long, and a flash carries messages in a cookie.
    const { input: _, ...values } = issue as unknown as Record<string, unknown>;
    return [issue.message, values];
  }
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined || issue.input === '' ? 'form:required' : 'form:wrongType';
    case 'too_small':
      return tooSmall(issue);
    case 'too_big':
      return [`form:tooBig.${kind(issue.origin)}`, { count: Number(issue.maximum) }];
    case 'invalid_value':
      return 'form:notOffered';
    case 'invalid_format':
      return ['email', 'uuid', 'url', 'datetime', 'date'].includes(issue.format)
        ? `form:format.${issue.format}`
        : 'form:format.other';
    case 'unrecognized_keys':
      return 'form:unknownField';
    case 'not_multiple_of':
      return 'form:wrongType';
    default:
      return 'form:invalid';
  }
}

function tooSmall(issue: z.core.$ZodIssueTooSmall): Message {
  const count = Number(issue.minimum);
  if (issue.origin === 'string' && count === 1) return 'form:required';
  return [`form:tooSmall.${kind(issue.origin)}`, { count }];
}

const kind = (origin: string) =>
  origin === 'string' ? 'text' : ['array', 'set'].includes(origin) ? 'list' : 'number';
