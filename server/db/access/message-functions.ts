import type { AppFunction } from './functions.ts';

const messenger = (
  volatility: 's' | 'v',
  executors: AppFunction['executors'],
  { definer = true, path = true } = {},
): AppFunction => ({ owner: 'bulkhead_messenger', definer, volatility, path, executors });
const inner = { definer: false };
const forPartner = ['bulkhead_partner'] as const;

/** What moves messages. What only jobs may do asks for the context of one. */
export const messageFunctions: Readonly<Record<string, AppFunction>> = {
  'app.messaging_market()': messenger('s', [], { definer: false, path: false }),
  'app.reserve_messages(integer,timestamp with time zone)': messenger('v', [], inner),
  'app.return_messages(date,integer)': messenger('v', [], inner),
  'app.message_offer_holds(uuid,timestamp with time zone)': messenger('s', [], inner),
  'app.message_audience(text[],integer,text)': messenger('s', forPartner, inner),
  'app.confirm_messages(uuid,timestamp with time zone,integer)': messenger('v', forPartner),
  'app.drop_queued_messages(uuid)': messenger('v', [], inner),
  'app.cancel_messages(uuid)': messenger('v', forPartner),
  'app.begin_messages(uuid)': messenger('v', forPartner),
  'app.claim_message(uuid,uuid,text)': messenger('v', forPartner),
  'app.record_message(uuid,uuid,text,text,text)': messenger('v', forPartner),
  'app.settle_message(uuid,text,text,timestamp with time zone,text)': messenger('v', forPartner),
  'app.lose_messages(uuid,interval)': messenger('v', forPartner),
  'app.pause_messages(uuid,text,timestamp with time zone)': messenger('v', forPartner),
  'app.finish_messages(uuid)': messenger('v', forPartner),
  'app.resolve_message(uuid,text)': messenger('v', forPartner),
  'app.count_messages(uuid[])': messenger('s', forPartner),
  'app.opt_out_link(uuid,text)': messenger('s', ['bulkhead_public']),
  'app.opt_out(text)': messenger('v', ['bulkhead_public']),
};
