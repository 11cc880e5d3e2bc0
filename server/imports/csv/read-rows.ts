import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import iconv from 'iconv-lite';
import { type CsvFormat, FileRefused } from './csv-format.ts';

export interface CsvRow {
  /** As a spreadsheet counts: the header is row 1. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** A quotation mark that is never closed would otherwise make one cell of the rest of the file. */
const LARGEST_RECORD = 1024 * 1024;

/**
 * Reads a file row by row, header included; memory does not grow with the file.
 * @throws FileRefused `quote-open`, `quote-inside`, `row-too-long` with the row's number; `file-missing`
 */
export async function* readRows(path: string, format: CsvFormat): AsyncGenerator<CsvRow> {
  const parser = parse({
    delimiter: format.delimiter,
    quote: format.quote,
    escape: format.quote,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: false,
    max_record_size: LARGEST_RECORD,
    from_line: format.hasSeparatorLine ? 2 : 1,
  });
  // The callback is there so that whichever stream fails or is left early takes the others with it.
  pipeline(createReadStream(path), iconv.decodeStream(format.encoding), parser, () => undefined);
  let number = 0;
  try {
    for await (const cells of parser) yield { number: ++number, cells };
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new FileRefused('file-missing');
  if (!(error instanceof CsvError)) return error;
  // The parser's own count: rows that it had read ahead were thrown away with it.
  const row = (error as CsvError & { records: number }).records + 1;
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return new FileRefused('quote-open', { row });
    case 'CSV_INVALID_CLOSING_QUOTE':
    case 'INVALID_OPENING_QUOTE':
      return new FileRefused('quote-inside', { row });
    case 'CSV_MAX_RECORD_SIZE':
      return new FileRefused('row-too-long', { row });
    default:
      return new FileRefused('row-unreadable', { row });
  }
}
