import type { Database } from '@orchestrator/shared/db/client.ts';

/**
 * Has Postgres itself write down who ended which stage run, and who stored results: by the name that each process of the
 * harness has at its connections (`chaos:<slot>:<process id>`), beside the holder of the lease at that moment. What a
 * process that lost its lease writes can then not hide.
 */
export async function recordWrites(db: Database): Promise<void> {
  for (const statement of STATEMENTS) await db.$executeRawUnsafe(statement);
}

const STATEMENTS = [
  `CREATE TABLE recorded_write (
    id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
    kind text NOT NULL, run_id uuid NOT NULL, stage_run_id uuid, fence bigint, holder text, writer text NOT NULL
  )`,
  `CREATE FUNCTION record_stage_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO recorded_write (kind, run_id, stage_run_id, fence, holder, writer)
    VALUES ('stage ' || NEW.state, OLD.run_id, OLD.id, OLD.fence, OLD.lease_owner, current_setting('application_name'));
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER record_stage_end AFTER UPDATE ON stage_run FOR EACH ROW
    WHEN (OLD.state = 'running' AND NEW.state <> 'running') EXECUTE FUNCTION record_stage_end()`,
  `CREATE FUNCTION record_artifact() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO recorded_write (kind, run_id, writer) VALUES ('artifact ' || NEW.kind, NEW.run_id, current_setting('application_name'));
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER record_artifact AFTER INSERT OR UPDATE ON artifact FOR EACH ROW EXECUTE FUNCTION record_artifact()`,
  `CREATE FUNCTION record_publication() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO recorded_write (kind, run_id, holder, writer)
    SELECT 'publication', NEW.run_id, (SELECT lease_owner FROM stage_run WHERE run_id = NEW.run_id AND stage = 'publish' AND state = 'running'),
      current_setting('application_name');
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER record_publication AFTER INSERT OR UPDATE ON pull_request FOR EACH ROW EXECUTE FUNCTION record_publication()`,
];
