-- Current objects, the change log, the counter, settings. Names are resolved by search_path: the schema is an option.

-- One row: what all processes agree on.
create table meta (
  singleton boolean primary key default true check (singleton),
  -- One line of history; another after a restore, a failover, or when the database went back.
  epoch uuid not null default gen_random_uuid(),
  -- The revision last issued. Whoever writes locks this row first, so revisions are issued in commit order.
  counter bigint not null default 0,
  -- Log entries up to here are forgotten.
  compacted bigint not null default 0,
  -- The server that last wrote here; null where it may not be asked.
  system_identifier text,
  timeline integer,
  schema_version integer not null default 0,
  -- The oldest program (by the number of its last migration) that may use this schema.
  min_reader integer not null default 0
);
insert into meta default values;

create table objects (
  resource text collate "C" not null,
  namespace text collate "C" not null,
  name text collate "C" not null,
  revision bigint not null,
  body text not null,
  primary key (resource, namespace, name)
);

-- Each body is stored once: as the present one in objects, moved here as `previous` when it is replaced. So a create
-- writes no body here, and the log can be undone from its end. docs/adr/0004
create table changes (
  revision bigint primary key,
  -- p: put, d: delete, m: mark (the counter was raised; no key)
  type "char" not null,
  resource text collate "C",
  namespace text collate "C",
  name text collate "C",
  -- Milliseconds, by the clock of the process that wrote it.
  at bigint not null,
  -- The revision of the object that this change replaced; null when it created it.
  replaced bigint,
  previous text,
  -- Deletes only: the last body where it differs from `previous`.
  body text
);
-- Finds the body of a put that has been replaced since: it is the `previous` of whoever replaced it.
create index changes_replaced on changes (replaced) where replaced is not null;

create table settings (
  name text collate "C" primary key,
  value text not null
);

-- One row per process that writes. The reply to its last batch is kept, so that a lost reply can be read again; raising
-- `fence` makes sure that a batch which has not run yet never will.
create table writers (
  id uuid primary key,
  fence bigint not null,
  batch bigint not null default 0,
  outcome jsonb,
  seen timestamptz not null default now()
);
