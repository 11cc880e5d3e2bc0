-- Of its own row a key reads what answering under it takes, not who in the team made it and when.
revoke select on publishable_key from bulkhead_public;
grant select (
  market_id, id, name, origins, expires_at, revoked_at, last_used_at
) on publishable_key to bulkhead_public;
