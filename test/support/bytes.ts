import type { Response } from 'supertest';

/** For `.buffer(true).parse(asBytes)`: an answer as it is, whatever its type. */
export function asBytes(res: Response, done: (error: Error | null, body: Buffer) => void): void {
  const parts: Buffer[] = [];
  const stream = res as unknown as NodeJS.ReadableStream;
  stream.on('data', (part: Buffer) => parts.push(part));
  stream.on('end', () => done(null, Buffer.concat(parts)));
}
