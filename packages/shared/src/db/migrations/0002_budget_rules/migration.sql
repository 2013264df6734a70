-- The rules of the budget that hold whatever a program does. Each is an invariant of docs/budget.md.

CREATE EXTENSION IF NOT EXISTS btree_gist;

-- Time ------------------------------------------------------------------------------------------------------------------

-- The one place where the budget reads a clock.
CREATE FUNCTION budget_clock() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

-- Database time that never runs backwards: a clock that was set back waits at the last instant on record.
-- (Every row whose time is asked for here was stamped by this function.)
CREATE FUNCTION budget_now() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN GREATEST(
    budget_clock(),
    (SELECT max(at) FROM budget_entry),
    (SELECT max(opened_at) FROM budget_window),
    (SELECT max(created_at) FROM budget_phase)
  );
END $$;

-- Start of the UTC day of an instant, whatever time zone the server or the session has.
CREATE FUNCTION budget_utc_day(instant timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
  $$ SELECT date_trunc('day', instant AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' $$;

-- Limits ----------------------------------------------------------------------------------------------------------------

ALTER TABLE budget
  ADD CONSTRAINT budget_revision CHECK (revision >= 1);

ALTER TABLE budget_phase
  ADD CONSTRAINT budget_phase_kind CHECK (kind IN ('total', 'per_utc_day')),
  ADD CONSTRAINT budget_phase_reason CHECK (reason IN ('start', 'config', 'exhausted', 'import')),
  ADD CONSTRAINT budget_phase_numbers CHECK (seq >= 0 AND revision >= 1 AND limit_nano_usd >= 0 AND every_ms > 0),
  ADD CONSTRAINT budget_phase_order CHECK (ends_at IS NULL OR ends_at >= starts_at),
  -- The phases of one plan follow each other.
  ADD CONSTRAINT budget_phase_tile EXCLUDE USING gist (budget_id WITH =, revision WITH =, tstzrange(starts_at, ends_at) WITH &&);

ALTER TABLE budget_window
  ADD CONSTRAINT budget_window_limit CHECK (
    reserved_nano_usd >= 0 AND settled_nano_usd >= 0 AND reserved_nano_usd + settled_nano_usd <= limit_nano_usd
  ),
  ADD CONSTRAINT budget_window_order CHECK (ends_at IS NULL OR ends_at >= starts_at),
  ADD CONSTRAINT budget_window_frozen CHECK (
    (frozen_at IS NULL) = (frozen_reason IS NULL) AND frozen_reason IN ('limit_lowered', 'overrun', 'audit')
  ),
  -- Money of one instant comes from one window.
  ADD CONSTRAINT budget_window_tile EXCLUDE USING gist (budget_id WITH =, tstzrange(starts_at, ends_at) WITH &&),
  -- The counters are rewritten by every call: room on the page keeps those updates off the indexes.
  SET (fillfactor = 20);

ALTER TABLE budget_entry
  ADD CONSTRAINT budget_entry_kind CHECK (kind IN ('reserve', 'settle', 'release', 'forfeit')),
  ADD CONSTRAINT budget_entry_amounts CHECK (
    part >= 0 AND reserved_nano_usd > 0
    AND cushion_nano_usd >= 0 AND cushion_nano_usd < reserved_nano_usd
    AND charged_nano_usd >= 0 AND charged_nano_usd <= reserved_nano_usd
    AND (kind IN ('settle', 'forfeit') OR charged_nano_usd = 0)
    AND (kind = 'reserve') = (expires_at IS NOT NULL)
  );

-- One reservation and one ending for each part of an attempt.
CREATE UNIQUE INDEX budget_entry_reserve_once ON budget_entry (attempt_id, part) WHERE kind = 'reserve';
CREATE UNIQUE INDEX budget_entry_end_once ON budget_entry (attempt_id, part) WHERE kind <> 'reserve';

ALTER TABLE budget_overrun
  ADD CONSTRAINT budget_overrun_amounts CHECK (nano_usd > 0 AND lost_nano_usd >= 0 AND lost_nano_usd <= nano_usd);

-- History ---------------------------------------------------------------------------------------------------------------

CREATE FUNCTION budget_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER budget_entry_append_only BEFORE UPDATE OR DELETE ON budget_entry
  FOR EACH ROW EXECUTE FUNCTION budget_refuse_change('the ledger is append-only');
CREATE TRIGGER budget_entry_keep BEFORE TRUNCATE ON budget_entry
  FOR EACH STATEMENT EXECUTE FUNCTION budget_refuse_change('the ledger is append-only');
CREATE TRIGGER budget_phase_append_only BEFORE UPDATE OR DELETE ON budget_phase
  FOR EACH ROW EXECUTE FUNCTION budget_refuse_change('a plan that changes is a new revision');
CREATE TRIGGER budget_phase_keep BEFORE TRUNCATE ON budget_phase
  FOR EACH STATEMENT EXECUTE FUNCTION budget_refuse_change('a plan that changes is a new revision');
CREATE TRIGGER budget_overrun_append_only BEFORE UPDATE OR DELETE ON budget_overrun
  FOR EACH ROW EXECUTE FUNCTION budget_refuse_change('an overrun stays on record');
CREATE TRIGGER budget_overrun_keep BEFORE TRUNCATE ON budget_overrun
  FOR EACH STATEMENT EXECUTE FUNCTION budget_refuse_change('an overrun stays on record');
CREATE TRIGGER budget_window_change_append_only BEFORE UPDATE OR DELETE ON budget_window_change
  FOR EACH ROW EXECUTE FUNCTION budget_refuse_change('history stays as it was');
CREATE TRIGGER budget_window_change_keep BEFORE TRUNCATE ON budget_window_change
  FOR EACH STATEMENT EXECUTE FUNCTION budget_refuse_change('history stays as it was');

CREATE TRIGGER budget_started_once BEFORE UPDATE ON budget FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.started_at <> OLD.started_at OR NEW.revision < OLD.revision)
  EXECUTE FUNCTION budget_refuse_change('a budget starts once and its revision only grows');
CREATE TRIGGER budget_kept BEFORE DELETE ON budget
  FOR EACH ROW EXECUTE FUNCTION budget_refuse_change('a budget is kept');

CREATE TRIGGER budget_window_fixed BEFORE UPDATE ON budget_window FOR EACH ROW
  WHEN (NEW.id <> OLD.id OR NEW.budget_id <> OLD.budget_id OR NEW.phase_id <> OLD.phase_id
    OR NEW.starts_at <> OLD.starts_at OR NEW.opened_at <> OLD.opened_at OR NEW.settled_nano_usd < OLD.settled_nano_usd)
  EXECUTE FUNCTION budget_refuse_change('a window keeps its place, and what is settled stays settled');
CREATE TRIGGER budget_window_frozen_hold BEFORE UPDATE ON budget_window FOR EACH ROW
  WHEN (NEW.reserved_nano_usd > OLD.reserved_nano_usd AND (OLD.frozen_at IS NOT NULL OR NEW.frozen_at IS NOT NULL))
  EXECUTE FUNCTION budget_refuse_change('the window is frozen');
CREATE TRIGGER budget_window_kept BEFORE DELETE ON budget_window
  FOR EACH ROW EXECUTE FUNCTION budget_refuse_change('a window is kept');

-- Whatever is changed about a window besides its counters is on record.
CREATE FUNCTION budget_window_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO budget_window_change (window_id, ends_at, limit_nano_usd, frozen_at, frozen_reason, at)
  VALUES (NEW.id, NEW.ends_at, NEW.limit_nano_usd, NEW.frozen_at, NEW.frozen_reason, budget_now());
  RETURN NULL;
END $$;
CREATE TRIGGER budget_window_recorded AFTER UPDATE ON budget_window FOR EACH ROW
  WHEN (NEW.ends_at IS DISTINCT FROM OLD.ends_at OR NEW.limit_nano_usd <> OLD.limit_nano_usd
    OR NEW.frozen_at IS DISTINCT FROM OLD.frozen_at OR NEW.frozen_reason IS DISTINCT FROM OLD.frozen_reason)
  EXECUTE FUNCTION budget_window_record();
