set role bulkhead_context;
grant create on schema app to bulkhead_sync;
reset role;
set role bulkhead_sync;

-- Begins the order of changes anew where it is another cluster's. @returns whether it was.
create function app.renew_sync_epoch() returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if app.sync_epoch() is not null then
    return false;
  end if;
  perform app.begin_sync_epoch();
  return true;
end
$$;
revoke all on function app.renew_sync_epoch() from public;
grant execute on function app.renew_sync_epoch() to bulkhead_owner;
reset role;
set role bulkhead_context;
revoke create on schema app from bulkhead_sync;
reset role;
