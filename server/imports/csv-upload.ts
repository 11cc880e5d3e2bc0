import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, RequestHandler } from 'express';
import multer, { type StorageEngine } from 'multer';
import { v7 } from 'uuid';
import { AppError, type Message } from '../errors.ts';
import type { Uploads } from '../images/uploads.ts';
import { wellFormed } from './plain-text.ts';

/** Largest product file that is taken, in bytes. */
export const LARGEST_FILE = 20 * 1024 * 1024;
/** From here on it is no mistake any more: the request is cut off. */
const ABUSE = 3 * LARGEST_FILE;
const LONGEST_NAME = 120;

declare module 'express-serve-static-core' {
  interface Request {
    /** The product file that came with a form and now lies under the market, or what is wrong with it. */
    csvUpload?: { readonly id: string; readonly fileName: string } | { readonly error: Message };
  }
}

/**
 * Writes the file of the form's field `file` to the market's folder as it arrives, never holding it in memory.
 * Behind the scope: the folder is the scope's market's, the name an id made here.
 */
export function csvUpload(uploads: Uploads): RequestHandler {
  const read = multer({
    storage: marketFolder(uploads),
    limits: { fileSize: ABUSE, files: 1, fields: 10, fieldSize: 1_000, fieldNestingDepth: 1 },
    defParamCharset: 'utf8',
  } as multer.Options).single('file');
  return (req, res, next) => {
    if (!req.is('multipart/form-data')) return next();
    read(req, res, (error: unknown) => {
      const file = req.file as (Stored & { originalname: string }) | undefined;
      delete req.file;
      if (error) return next(broken(error));
      if (file?.id) req.csvUpload = { id: file.id, fileName: shownName(file.originalname) };
      else if (file)
        req.csvUpload = { error: ['imports:file.too-large', { megabytes: LARGEST_FILE / 1024 / 1024 }] };
      next();
    });
  };
}

interface Stored {
  /** Absent when the file was too large. */
  readonly id?: string;
}

/** Only ever shown: no path is made of it. */
function shownName(original: string): string {
  const name = wellFormed(basename(original.replaceAll('\\', '/')))
    .normalize('NFC')
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return [...(name || 'products.csv')].slice(0, LONGEST_NAME).join('');
}

/** Busboy's own complaints about a malformed body have no code; a limit's have. */
function broken(error: unknown): unknown {
  if (error instanceof multer.MulterError || error instanceof AppError) return error;
  return new AppError(400, 'bad-upload', { cause: error });
}

function marketFolder(uploads: Uploads): StorageEngine {
  return {
    _handleFile(req, file, done) {
      store(uploads, req as Request, file.stream).then(
        (stored) => done(null, stored as object),
        (error) => done(error),
      );
    },
    _removeFile(req, file, done) {
      const { id } = file as Stored;
      if (!id) return done(null);
      uploads.remove((req as Request).scope.marketId!, `${id}.csv`).then(() => done(null), done);
    },
  };
}

async function store(uploads: Uploads, req: Request, stream: NodeJS.ReadableStream): Promise<Stored> {
  const id = v7();
  const target = uploads.path(req.scope.marketId!, `${id}.csv`);
  const draft = `${target}.part`;
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  let size = 0;
  // Past the limit the rest is read and dropped, so that the browser gets to see the answer.
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      size += chunk.length;
      next(null, size > LARGEST_FILE ? undefined : chunk);
    },
  });
  try {
    await pipeline(stream, bounded, createWriteStream(draft, { mode: 0o600 }));
    if (size > LARGEST_FILE) return {};
    await rename(draft, target);
    return { id };
  } finally {
    await rm(draft, { force: true });
  }
}
