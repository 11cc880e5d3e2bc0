import type { Request, Response } from 'express';
import type { AppError } from '../../errors.ts';
import { answerError } from '../../http/error-handler.ts';

/** A longer answer goes out as it is made, and is broken off if it turns out to have lost rows on the way. */
const MOST_HELD = 1_000_000;
/** What the answer that is thrown away has said of itself. */
const OF_CONTENT = ['Content-Disposition', 'Content-Length', 'Content-Type', 'Location'];

interface Asks {
  isOpen(): Promise<boolean>;
  /** What is answered in the place of what was made. */
  whenOver(): Promise<AppError>;
}

type Sends = (...args: unknown[]) => unknown;

/**
 * A session may end between two statements of a request: what is read from then on is empty, and would look like the
 * truth. So an answer waits until the session has been asked for once more, behind its last read.
 */
export function holdAnswer(req: Request, res: Response, { isOpen, whenOver }: Asks): void {
  const own = { write: res.write.bind(res) as Sends, end: res.end.bind(res) as Sends };
  let held: unknown[][] | null = [];
  let size = 0;
  let isAsked = false;
  const release = () => {
    for (const args of held ?? []) own.write(...args);
    held = null;
  };
  const giveBack = () => Object.assign(res, own);

  const write: Sends = (...args) => {
    size += (args[0] as { length: number }).length;
    if (held && size <= MOST_HELD) return Boolean(held.push(args));
    release();
    return own.write(...args);
  };
  const refuse = async () => {
    held = null;
    giveBack();
    if (res.headersSent) return void res.destroy();
    for (const name of OF_CONTENT) res.removeHeader(name);
    answerError(await whenOver(), req, res);
  };
  const fail = (error: unknown) => {
    giveBack();
    if (res.headersSent) res.destroy();
    else answerError(error, req, res);
  };
  const end: Sends = (...args) => {
    if (isAsked) return res;
    isAsked = true;
    void isOpen()
      .then((open) => {
        if (!open) return refuse();
        release();
        giveBack();
        own.end(...args);
      })
      .catch(fail);
    return res;
  };
  Object.assign(res, { write, end });
}
