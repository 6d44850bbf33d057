-- Commits one batch of transactions in one round trip. The arrays hold one element per guard (`g`), put (`p`) or delete
-- (`d`), those of a transaction together, guards first; a null p_tx is padding. No key occurs in two transactions of a
-- batch unless both only guard it. p_expect: a revision, -1 absent, -2 present.
--
-- The counter row is locked before anything is read: the only lock two processes contend for, so they cannot deadlock,
-- and each later statement sees all that was committed before (READ COMMITTED takes a snapshot per statement).
--
-- Returns the first revision that is issued, and per failed transaction [its failing element (from 1), what was found].
create function write_batch_1(
  p_writer uuid, p_fence bigint, p_batch bigint, p_at bigint,
  p_tx integer[], p_kind "char"[], p_resource text[], p_namespace text[], p_name text[], p_expect bigint[],
  p_body text[],
  out outcome jsonb
) language plpgsql as $$
declare
  v_first bigint;
  v_last bigint;
begin
  select counter + 1 into v_first from meta for update;
  perform 1 from writers w where w.id = p_writer and w.fence = p_fence and w.batch < p_batch;
  if not found then
    raise exception 'this writer was replaced' using errcode = 'QD001';
  end if;

  with elements as materialized (
    select e.*, o.revision as was, o.body as old
    from unnest(p_tx, p_kind, p_resource, p_namespace, p_name, p_expect, p_body)
      with ordinality as e (tx, kind, resource, namespace, name, expect, body, position)
    left join objects o on o.resource = e.resource and o.namespace = e.namespace and o.name = e.name
    where e.tx is not null
  ), failed as materialized (
    select distinct on (tx) tx, position, was
    from elements
    where case expect when -1 then was is not null when -2 then was is null else was is distinct from expect end
    order by tx, position
  ), writes as materialized (
    select *, v_first - 1 + row_number() over (order by position) as revision
    from elements
    where kind <> 'g' and tx not in (select tx from failed)
  ), inserted as (
    insert into objects (resource, namespace, name, revision, body)
    select resource, namespace, name, revision, body from writes where kind = 'p' and was is null
  ), updated as (
    update objects o set revision = w.revision, body = w.body
    from writes w
    where w.kind = 'p' and w.was is not null
      and o.resource = w.resource and o.namespace = w.namespace and o.name = w.name
  ), deleted as (
    delete from objects o using writes w
    where w.kind = 'd' and o.resource = w.resource and o.namespace = w.namespace and o.name = w.name
  ), logged as (
    insert into changes (revision, type, resource, namespace, name, at, replaced, previous, body)
    select revision, kind, resource, namespace, name, p_at, was, old, case kind when 'd' then nullif(body, old) end
    from writes
  ), counted as (
    update meta set counter = v_first - 1 + (select count(*) from writes)
  )
  select
    jsonb_build_object(
      'first', v_first,
      'failed', (select coalesce(jsonb_object_agg(tx, jsonb_build_array(position, was)), '{}'::jsonb) from failed)
    ),
    v_first - 1 + (select count(*) from writes)
  into outcome, v_last;

  update writers w set batch = p_batch, outcome = write_batch_1.outcome, seen = now() where w.id = p_writer;
  -- A hint for other processes; the log is the truth.
  if v_last >= v_first then
    perform pg_notify(current_schema(), v_last::text);
  end if;
end $$;
