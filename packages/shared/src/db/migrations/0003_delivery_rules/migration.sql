-- What the Prisma schema cannot say: indexes on the few rows that are waiting, and values that no code may invent.

CREATE INDEX "outbox_unsent" ON "outbox" ("queue", "priority" DESC, "id") WHERE "sent_at" IS NULL;
CREATE INDEX "stage_run_pending" ON "stage_run" ("available_at") WHERE "state" = 'pending';
CREATE INDEX "stage_run_running" ON "stage_run" ("lease_until") WHERE "state" = 'running';
CREATE INDEX "delivery_pending" ON "delivery" ("available_at") WHERE "state" = 'pending';

-- A task is worked on once at a time.
CREATE UNIQUE INDEX "run_one_active" ON "run" ("task_id")
  WHERE "state" IN ('queued', 'baselining', 'analyzing', 'coding', 'validating', 'publishing');

ALTER TABLE "run" ADD CONSTRAINT "run_state_known" CHECK ("state" IN
  ('queued', 'baselining', 'analyzing', 'coding', 'validating', 'publishing', 'in_review', 'merged', 'rejected', 'failed', 'cancelled'));
ALTER TABLE "stage_run" ADD CONSTRAINT "stage_run_state_known" CHECK ("state" IN
  ('pending', 'running', 'succeeded', 'failed', 'dead', 'cancelled'));
ALTER TABLE "stage_run" ADD CONSTRAINT "stage_run_stage_known" CHECK ("stage" IN
  ('baseline', 'analyze', 'code', 'validate', 'publish'));
-- A running stage has a holder and an end of the lease.
ALTER TABLE "stage_run" ADD CONSTRAINT "stage_run_leased" CHECK
  ("state" <> 'running' OR ("lease_owner" IS NOT NULL AND "lease_until" IS NOT NULL));
