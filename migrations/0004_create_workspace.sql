-- The one schema that agents may work in, and the two roles their statements run under. Neither role can log in, and
-- neither is granted anything outside this schema, so no statement of a model sees Muster's own tables.
create schema if not exists workspace;

-- Roles are the whole server's: they may be there already, made by an administrator or for another database of Muster.
do $$
declare
  role_name text;
begin
  foreach role_name in array array['muster_reader', 'muster_worker'] loop
    begin
      if not exists (select from pg_roles where rolname = role_name) then
        execute format('create role %I nologin', role_name);
      end if;
    exception when duplicate_object or unique_violation then
      -- Made at this moment for another database.
    end;
    if not pg_has_role(current_user, role_name, 'member') then
      execute format('grant %I to current_user', role_name);
    end if;
  end loop;
exception when insufficient_privilege then
  raise exception using errcode = 'insufficient_privilege', message = format(
    'the account %1$s may not make the roles that agents'' SQL runs under: have an administrator run "create role muster_reader nologin; create role muster_worker nologin; grant muster_reader, muster_worker to %1$I" once',
    current_user
  );
end
$$;

grant usage on schema workspace to muster_reader;
grant usage, create on schema workspace to muster_worker;
grant select on all tables in schema workspace to muster_reader;
alter default privileges for role muster_worker in schema workspace grant select on tables to muster_reader;
