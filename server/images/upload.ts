import type { Request, RequestHandler } from 'express';
import multer, { type StorageEngine } from 'multer';
import { AppError, type Message } from '../errors.ts';
import { addParameter, type Parameters } from '../http/parameters.ts';

/** Largest picture that is taken, in bytes. */
export const LARGEST_UPLOAD = 8 * 1024 * 1024;
/** From here on it is no mistake any more: the request is cut off. */
const ABUSE = 2 * LARGEST_UPLOAD;

declare module 'express-serve-static-core' {
  interface Request {
    /** The picture that came with a form: its bytes, or what is wrong with it; absent when none came. */
    upload?: { readonly bytes: Buffer } | { readonly error: Message };
  }
}

/**
 * Reads a multipart form with at most one picture, in the field `image`. Text fields follow the same rules as
 * every other form's (`parameters.ts`), and stay readable when the picture is too large.
 */
export function pictureForm(): RequestHandler {
  const fields = new WeakMap<Request, [string, string][]>();
  const read = multer({
    storage: boundedMemory,
    limits: {
      fileSize: ABUSE,
      files: 1,
      fields: 300,
      fieldSize: 100_000,
      fieldNestingDepth: 1,
      fieldArrayIndexLimit: 0,
    },
    // Multer would build nested objects from names: the pairs are taken as they come instead.
    streamHandler: (req: Request, busboy: NodeJS.WritableStream) => {
      const pairs: [string, string][] = [];
      fields.set(req, pairs);
      busboy.on('field', (name: string, value: string) => pairs.push([name, value]));
      req.pipe(busboy);
    },
  } as multer.Options).single('image');
  return (req, res, next) => {
    if (!req.is('multipart/form-data')) return next();
    read(req, res, (error: unknown) => {
      if (error) return next(broken(error));
      try {
        req.body = toParameters(fields.get(req) ?? []);
        takeFile(req);
        next();
      } catch (refused) {
        next(refused);
      }
    });
  };
}

function toParameters(pairs: [string, string][]): Parameters {
  const found: Parameters = {};
  for (const [name, value] of pairs) addParameter(found, name, value);
  return found;
}

/** Busboy's own complaints about a malformed body have no code; a limit's have. */
function broken(error: unknown): unknown {
  if (error instanceof multer.MulterError || error instanceof AppError) return error;
  return new AppError(400, 'bad-upload', { cause: error });
}

function takeFile(req: Request): void {
  const file = req.file as { buffer?: Buffer } | undefined;
  delete req.file;
  if (!file) return;
  if (file.buffer) req.upload = { bytes: file.buffer };
  else req.upload = { error: ['images:too-large', { megabytes: LARGEST_UPLOAD / 1024 / 1024 }] };
}

/** Keeps the file in memory up to the limit, and reads on without keeping more. */
const boundedMemory: StorageEngine = {
  _handleFile(_req, file, done) {
    let size = 0;
    let chunks: Buffer[] = [];
    file.stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST_UPLOAD) chunks = [];
      else chunks.push(chunk);
    });
    file.stream.once('error', (error) => done(error));
    file.stream.once('end', () => {
      if (size > LARGEST_UPLOAD) done(null, { size });
      else done(null, { size, buffer: Buffer.concat(chunks) });
    });
  },
  _removeFile: (_req, _file, done) => done(null),
};
