import { z } from 'zod';
import type { Outcome } from './channel.ts';

const accepted = z.object({ messages: z.array(z.object({ id: z.string().min(1).max(500) })).min(1) });
const refused = z.object({ error: z.object({ code: z.number().int() }) });

/** Of the account as a whole, so that the next message would meet the same: calls, throughput, spam, per-business. */
const LIMITS = new Set([4, 80007, 130429, 131048]);
/** Too many to this one number just now. */
const PAIR_LIMIT = 131056;
/** Token expired or not allowed, account restricted, locked, unpaid, or not registered any more. */
const ACCESS = new Set([0, 3, 10, 190, 368, 131005, 131031, 131042, 133010]);
/** The template is missing, not approved, paused, or of another form. */
const TEMPLATE = new Set([132000, 132001, 132005, 132007, 132012, 132015, 132016]);
/** Overload and maintenance: nothing was taken. */
const DOWN = new Set([1, 2, 131000, 131016, 131057, 133004]);
/** The reader has stopped this sender's marketing in the app itself. */
const STOPPED = 131050;

const PAUSE = 60;
const LONG_PAUSE = 300;

/** What the Cloud API's answer says of a message. Codes decide, as its documentation asks; HTTP's states only help. */
export async function answerOutcome(response: Response): Promise<Outcome> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = null;
  }
  if (response.ok) {
    const read = accepted.safeParse(body);
    // Taken, by the sound of it, but under which id? The webhook will say.
    return read.success
      ? { kind: 'sent', providerId: read.data.messages[0]!.id }
      : { kind: 'unknown', reason: 'answer' };
  }
  const seconds = retryAfter(response);
  const { data } = refused.safeParse(body);
  if (data) return codeOutcome(data.error.code, response.status, seconds);
  if (response.status === 429) return { kind: 'wait', trouble: 'limit', seconds };
  // Without the API's own words a server in between may speak: what stands behind it may have taken the message.
  if (response.status >= 500) return { kind: 'unknown', reason: `http-${response.status}` };
  if (response.status === 401 || response.status === 403)
    return { kind: 'wait', trouble: 'access', seconds: LONG_PAUSE };
  return { kind: 'failed', reason: `http-${response.status}` };
}

function codeOutcome(code: number, status: number, seconds: number): Outcome {
  const reason = `whatsapp-${code}`;
  if (LIMITS.has(code)) return { kind: 'wait', trouble: 'limit', seconds };
  if (code === PAIR_LIMIT) return { kind: 'again', reason };
  if (ACCESS.has(code) || (code >= 200 && code <= 299))
    return { kind: 'wait', trouble: 'access', seconds: LONG_PAUSE };
  if (TEMPLATE.has(code)) return { kind: 'wait', trouble: 'template', seconds: LONG_PAUSE };
  if (DOWN.has(code) || status >= 500) return { kind: 'again', reason };
  if (status === 429) return { kind: 'wait', trouble: 'limit', seconds };
  return { kind: 'failed', reason, ...(code === STOPPED ? { optedOut: true } : {}) };
}

/** Seconds to wait, within reason whatever the header says. */
function retryAfter(response: Response): number {
  const asked = Number(response.headers.get('Retry-After'));
  return Number.isFinite(asked) && asked > 0 ? Math.min(Math.ceil(asked), 3_600) : PAUSE;
}

/** Failures of a connection that was never made; any other may have come after the request had gone out. */
const NEVER_MADE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export function networkOutcome(error: unknown): Outcome {
  const { cause } = error as { cause?: { code?: string } };
  const code = cause?.code ?? '';
  if (NEVER_MADE.has(code)) return { kind: 'wait', trouble: 'provider', seconds: PAUSE };
  return { kind: 'unknown', reason: code || 'timeout' };
}
