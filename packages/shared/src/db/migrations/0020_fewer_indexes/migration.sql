-- Indexes that every stage paid for, and few questions used. Running stages are few, and stage_run_on_its_way has them; a
-- heartbeat changes no index any more. Runs are listed by state, which reads a table that is small beside the others.
DROP INDEX "stage_run_running";
DROP INDEX "run_state_idx";
