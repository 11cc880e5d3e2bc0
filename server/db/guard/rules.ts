/**
 * Every rule that isolation is checked by. An id is for ever: alarms, reports and certificates name it. Words for each are
 * in `i18n/*\/isolation-rules.json`; `/isolation/rules` shows them all.
 */
export const RULE_IDS = [
  // Row-level security of tables.
  'BH-RLS-001', // switched off
  'BH-RLS-002', // not forced upon the owner
  'BH-RLS-003', // a table or view that nobody declared
  'BH-RLS-004', // a declared table is missing
  // Policies.
  'BH-POL-001', // missing
  'BH-POL-002', // declared nowhere
  'BH-POL-003', // worded otherwise than declared
  'BH-POL-004', // lets rows of any market through
  // Grants.
  'BH-GRA-001', // of a whole table, declared nowhere
  'BH-GRA-002', // declared, not there
  'BH-GRA-003', // of a column, declared nowhere
  'BH-GRA-004', // to PUBLIC
  'BH-GRA-005', // TRUNCATE, REFERENCES, TRIGGER, MAINTAIN
  'BH-GRA-006', // market_id may be updated
  'BH-GRA-007', // default privileges for tables to come
  // Roles.
  'BH-ROL-001', // a process is connected as another login
  'BH-ROL-002', // SUPERUSER
  'BH-ROL-003', // BYPASSRLS
  'BH-ROL-004', // CREATEROLE, CREATEDB, REPLICATION
  'BH-ROL-005', // a login can become another role
  'BH-ROL-006', // an owner of functions may log in
  'BH-ROL-007', // defaults of a login
  'BH-ROL-008', // a role nobody declared is a member of ours
  'BH-ROL-009', // may create in the database or a schema
  'BH-ROL-010', // may look at other sessions
  // Functions.
  'BH-FUN-001', // declared nowhere
  'BH-FUN-002', // missing
  'BH-FUN-003', // another owner
  'BH-FUN-004', // rights of the owner, or of the caller, otherwise than declared
  'BH-FUN-005', // search_path not pinned
  'BH-FUN-006', // volatility: a cached plan may serve the wrong market
  'BH-FUN-007', // executors
  'BH-FUN-008', // PUBLIC may execute it
  'BH-FUN-009', // another body than the migrations gave it
  'BH-FUN-010', // a definer function outside of schema app
  // Triggers.
  'BH-TRG-001', // missing
  'BH-TRG-002', // changed
  'BH-TRG-003', // switched off
  'BH-TRG-004', // declared nowhere
  'BH-TRG-005', // the event trigger that keeps policies is gone
  // The signed context.
  'BH-CTX-001', // an altered context is believed
  'BH-CTX-002', // the process's key is unknown
  'BH-CTX-003', // an actor without a context
  'BH-CTX-004', // the vault is in reach
  'BH-CTX-005', // a key of one surface counts for another, or a retired one counts
  // Schema.
  'BH-SCH-001', // market_id may be NULL, or is no UUID
  'BH-SCH-002', // a unique key does not begin with market_id
  'BH-SCH-003', // a foreign key does not carry market_id
  'BH-SCH-004', // no index leads with market_id
  'BH-SCH-005', // a view runs with its owner's rights
  'BH-SCH-006', // a materialized view
  'BH-SCH-007', // a rewrite rule
  'BH-SCH-008', // another owner
  'BH-SCH-009', // statistics of content
  'BH-SCH-010', // a schema that a login may enter, declared nowhere
  'BH-SCH-011', // an extension, declared nowhere
  'BH-SCH-012', // a publication
  // Server.
  'BH-SRV-001', // too old
  'BH-SRV-002', // settings of the database
  'BH-SRV-003', // a question could not be asked
  // Secrets of the two processes.
  'BH-SEC-001', // the partner process holds the admin's
  'BH-SEC-002', // the admin process holds the partner surface's
  // The application's own layers, tried live.
  'BH-APP-001', // a connection keeps what its last user left
  'BH-APP-002', // arguments are not held to the market
  'BH-APP-003', // a cached plan serves another market
  // Live attacks.
  'BH-PRB-001', // read
  'BH-PRB-002', // count
  'BH-PRB-003', // insert
  'BH-PRB-004', // update
  'BH-PRB-005', // delete
  'BH-PRB-006', // move
  'BH-PRB-007', // reference
  'BH-PRB-008', // upsert
  'BH-PRB-009', // forged context
  'BH-PRB-010', // stale context
  'BH-PRB-011', // a probe that could not be finished
] as const;

export type RuleId = (typeof RULE_IDS)[number];
