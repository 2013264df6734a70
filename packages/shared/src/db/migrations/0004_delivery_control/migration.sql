-- One outbox row a stage run, gone once the message is published: then the stage run itself says that it is on its way.
-- What the relay orders by is on the row, so that the head of a long queue is found without reading all of it.
DELETE FROM "outbox" o WHERE "sent_at" IS NOT NULL
  OR EXISTS (SELECT FROM "outbox" later WHERE later."stage_run_id" = o."stage_run_id" AND later."generation" > o."generation");
DROP INDEX "outbox_unsent";
DROP INDEX "outbox_stage_run_id_generation_key";
ALTER TABLE "outbox"
  DROP COLUMN "id", DROP COLUMN "priority", DROP COLUMN "sent_at", DROP COLUMN "tries", DROP COLUMN "last_error",
  ADD COLUMN "repository_id" UUID, ADD COLUMN "rank_at" TIMESTAMPTZ,
  ADD CONSTRAINT "outbox_pkey" PRIMARY KEY ("stage_run_id");
UPDATE "outbox" o SET "repository_id" = t."repository_id", "rank_at" = r."created_at" - r."priority" * interval '30 minutes'
  FROM "stage_run" s JOIN "run" r ON r."id" = s."run_id" JOIN "task" t ON t."id" = r."task_id" WHERE s."id" = o."stage_run_id";
DELETE FROM "outbox" WHERE "repository_id" IS NULL;
ALTER TABLE "outbox" ALTER COLUMN "repository_id" SET NOT NULL, ALTER COLUMN "rank_at" SET NOT NULL;
CREATE INDEX "outbox_rank" ON "outbox" ("queue", "repository_id", "rank_at");

-- The messages on their way and the work in progress: few, and counted each time that the relay looks for room.
CREATE INDEX "stage_run_on_its_way" ON "stage_run" ("stage")
  WHERE "state" = 'running' OR ("state" = 'pending' AND "published_at" IS NOT NULL);

ALTER TABLE "run" ADD COLUMN "paused_at" TIMESTAMPTZ;

ALTER TABLE "queue_control" DROP COLUMN "epoch", ADD COLUMN "turn" BIGINT NOT NULL DEFAULT 0;
-- '*' stands for all of them.
INSERT INTO "queue_control" ("queue") VALUES ('*'), ('analyzer'), ('coder'), ('validator'), ('notifier') ON CONFLICT DO NOTHING;

CREATE TABLE "queue_turn" (
    "queue" TEXT NOT NULL,
    "repository_id" UUID NOT NULL,
    "finish" BIGINT NOT NULL,

    CONSTRAINT "queue_turn_pkey" PRIMARY KEY ("queue","repository_id"),
    CONSTRAINT "queue_turn_queue_fkey" FOREIGN KEY ("queue") REFERENCES "queue_control"("queue") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "queue_turn_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

ALTER TABLE "worker"
  ADD COLUMN "queues" TEXT[] DEFAULT ARRAY[]::TEXT[], ADD COLUMN "concurrency" INTEGER NOT NULL DEFAULT 1;

CREATE TABLE "intervention" (
    "id" BIGSERIAL NOT NULL,
    "action" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "subject" JSONB NOT NULL DEFAULT '{}',
    "reason" TEXT,
    "affected" INTEGER NOT NULL,
    "at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "intervention_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "intervention" ADD CONSTRAINT "intervention_action_known" CHECK ("action" IN
  ('pause', 'resume', 'cancel', 'retry', 'replay', 'priority'));
