import { z } from 'zod';

export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1256', 'windows-1252'] as const;
export const DELIMITERS = [',', ';', '\t', '|'] as const;
export const QUOTES = ['"', "'"] as const;

/** How the characters of a file are to be read. */
export const csvFormat = z.object({
  encoding: z.enum(ENCODINGS),
  delimiter: z.enum(DELIMITERS),
  quote: z.enum(QUOTES),
  /** Whether the first line is Excel's `sep=;`, which is no row. */
  hasSeparatorLine: z.boolean(),
});

export type CsvFormat = z.output<typeof csvFormat>;
export type Encoding = CsvFormat['encoding'];

/** A file that can't be imported as it is; `imports:file.<code>` says what to do about it. */
export class FileRefused extends Error {
  readonly code: string;
  readonly values: Record<string, unknown>;

  constructor(code: string, values: Record<string, unknown> = {}) {
    super(`import file refused: ${code}`);
    this.name = 'FileRefused';
    this.code = code;
    this.values = values;
  }
}
