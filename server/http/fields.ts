import { z } from 'zod';
import { PASSWORD_MAX, PASSWORD_MIN } from '../auth/passwords.ts';
import { UUID } from './ids.ts';

/** Typed text: trimmed, in one Unicode form and with one kind of line end, so that equal words are equal bytes. */
export const text = (maximum: number, minimum = 1) => z.string().overwrite(tidy).min(minimum).max(maximum);

const tidy = (value: string) => value.normalize('NFC').replace(/\r\n?/g, '\n').trim();

/** The same, and may be left empty (''). */
export const optionalText = (maximum: number) => text(maximum, 0).default('');

export const email = z.string().normalize('NFKC').trim().toLowerCase().min(1).max(254).email();

/** Eastern Arabic and Persian digits as Latin ones. */
export const latinDigits = (typed: string): string =>
  typed.replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15));

/** A telephone number with its country's code, stored in E.164 however it was spaced. */
export const phone = z
  .string()
  .max(40)
  .overwrite((typed) =>
    latinDigits(typed)
      .replace(/[\s().-]/g, '')
      .replace(/^00/, '+'),
  )
  .regex(/^\+[1-9]\d{6,14}$/, { error: 'form:format.phone' })
  .meta({ description: 'E.164, such as +966500000000' });

/** A password being chosen. */
export const newPassword = z.string().min(PASSWORD_MIN).max(PASSWORD_MAX);

/** A password being asked for: whatever was typed; only the length is bounded, because it gets hashed. */
export const givenPassword = z.string().min(1).max(PASSWORD_MAX);

export const id = z.string().regex(UUID, { error: 'form:format.uuid' }).meta({ format: 'uuid' });

/** An instant in an answer: a Date of the database as ISO 8601. */
export const instant = z.preprocess(
  (value) => (value instanceof Date ? value.toISOString() : value),
  z.iso.datetime(),
);
