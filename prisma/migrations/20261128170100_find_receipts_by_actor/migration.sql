-- Receipts are written all the time and looked for seldom. Where an actor has none, this index tells by the block in a
-- hundredth of a tree's size, and costs the writer next to nothing.
create index receipt_actor_id_idx on receipt using brin (actor_id uuid_bloom_ops);
