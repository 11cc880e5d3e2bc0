import type { Gate } from '../auth/gate.ts';

export interface DueCampaign {
  readonly marketId: string;
  readonly campaignId: string;
}

/** Which campaigns have something to send, in all markets: ids alone. Each is then sent under a scope of its own. */
export interface MessageGate {
  due(now: Date): Promise<DueCampaign[]>;
}

export function createMessageGate(gate: Pick<Gate, 'query'>): MessageGate {
  return {
    due: (now) =>
      gate.query<DueCampaign>(
        `select market_id as "marketId", id as "campaignId" from message_campaign
         where state in ('scheduled', 'sending') and send_at <= $1 and coalesce(resume_at <= $1, true)
         order by send_at`,
        [now],
      ),
  };
}
