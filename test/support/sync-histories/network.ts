import { request } from 'node:http';
import type { TestTill, TillAnswer, TillCall } from '../till.ts';
import type { Random } from './random.ts';

/** Nothing came back: what became of the request, the till can't know. */
export class Offline extends Error {}

export const FAULTS = ['none', 'lost', 'cut', 'unheard', 'twice'] as const;
export type Fault = (typeof FAULTS)[number];

/**
 * One request over a network that fails: lost before it arrives, cut in the middle of its body, carried out but the
 * answer lost at some byte, or arriving twice at once.
 */
export async function over(
  till: TestTill,
  call: TillCall,
  fault: Fault,
  random: Random,
): Promise<TillAnswer> {
  switch (fault) {
    case 'none':
      return till.ask(call);
    case 'lost':
      throw new Offline('lost');
    case 'cut':
      await cutOff(till, call, random.next());
      throw new Offline('cut');
    case 'unheard':
      await till.ask(call);
      throw new Offline('unheard');
    case 'twice': {
      const [answer] = await Promise.all([till.ask(call), till.ask(call)]);
      return answer;
    }
  }
}

/** Sends a share of the request's bytes and hangs up; with all of them sent, hangs up before the answer. */
async function cutOff(till: TestTill, call: TillCall, share: number): Promise<void> {
  const { method = 'GET', path } = call;
  const body = call.body === undefined ? '' : JSON.stringify(call.body);
  const proof = await till.proof(call, call.body === undefined ? undefined : body);
  await new Promise<void>((resolve) => {
    const sent = request(`${till.server.url}/sync/v1${path}`, {
      method,
      agent: false,
      headers: {
        ...{ Authorization: `DPoP ${till.token}`, DPoP: proof },
        ...(body ? { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) } : {}),
      },
    });
    sent.on('error', () => resolve());
    sent.on('close', () => resolve());
    sent.on('response', () => sent.destroy());
    sent.write(Buffer.from(body).subarray(0, Math.floor(Buffer.byteLength(body) * share)), () => {
      if (share < 0.8) sent.destroy();
      else sent.end(() => setTimeout(() => sent.destroy(), share * 20));
    });
  });
}
