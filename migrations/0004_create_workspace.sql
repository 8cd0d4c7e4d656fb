-- The one schema that agents may work in, and the two roles their statements run under. Neither role can log in, and
-- neither is granted anything outside this schema, so no statement of a model sees Muster's own tables.
create schema if not exists workspace;

do $$
begin
  if not exists (select from pg_roles where rolname = 'muster_reader') then
    create role muster_reader nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'muster_worker') then
    create role muster_worker nologin;
  end if;
end
$$;

grant muster_reader, muster_worker to current_user;
grant usage on schema workspace to muster_reader;
grant usage, create on schema workspace to muster_worker;
grant select on all tables in schema workspace to muster_reader;
alter default privileges for role muster_worker in schema workspace grant select on tables to muster_reader;
