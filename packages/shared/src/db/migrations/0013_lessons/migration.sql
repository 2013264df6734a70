-- A lesson has a source and a key, so that learning the same again strengthens it instead of repeating it.
ALTER TABLE "lesson" ADD COLUMN "source" TEXT NOT NULL DEFAULT 'person';
ALTER TABLE "lesson" ADD COLUMN "key" TEXT NOT NULL DEFAULT '';
ALTER TABLE "lesson" ADD COLUMN "confirmed" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "lesson" ADD COLUMN "refuted" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "lesson" ADD COLUMN "disabled" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "lesson" ADD COLUMN "weighed_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP;
UPDATE "lesson" SET "key" = "id"::text;
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_source" CHECK ("source" IN ('person', 'edit', 'review', 'finding', 'pattern'));
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_weight" CHECK ("weight" >= 0 AND "weight" <= 5);
CREATE UNIQUE INDEX "lesson_repository_id_source_key_key" ON "lesson"("repository_id", "source", "key");

-- Which lessons a run was shown: what becomes of its change speaks for or against them.
CREATE TABLE "run_lesson" (
    "run_id" UUID NOT NULL,
    "lesson_id" UUID NOT NULL,
    "shown_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "run_lesson_pkey" PRIMARY KEY ("run_id","lesson_id")
);
ALTER TABLE "run_lesson" ADD CONSTRAINT "run_lesson_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "run_lesson" ADD CONSTRAINT "run_lesson_lesson_id_fkey" FOREIGN KEY ("lesson_id") REFERENCES "lesson"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What became of a pull request, judged once it ended.
CREATE TABLE "pull_outcome" (
    "pull_request_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "run_id" UUID NOT NULL,
    "result" TEXT NOT NULL,
    "cause" TEXT,
    "reason" TEXT,
    "edits" JSONB NOT NULL DEFAULT '[]',
    "at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pull_outcome_pkey" PRIMARY KEY ("pull_request_id","number")
);
ALTER TABLE "pull_outcome" ADD CONSTRAINT "pull_outcome_pull_request_id_fkey" FOREIGN KEY ("pull_request_id") REFERENCES "pull_request"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "pull_outcome" ADD CONSTRAINT "pull_outcome_result" CHECK ("result" IN ('merged_as_is', 'merged_with_edits', 'closed', 'ignored', 'superseded'));
ALTER TABLE "pull_outcome" ADD CONSTRAINT "pull_outcome_cause" CHECK ("cause" IN ('ours', 'workflow', 'duplicate', 'silent'));
