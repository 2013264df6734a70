-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "budget" (
    "id" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "plan_hash" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "budget_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budget_phase" (
    "id" UUID NOT NULL,
    "budget_id" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "limit_nano_usd" BIGINT NOT NULL,
    "every_ms" BIGINT NOT NULL,
    "advance_when_exhausted" BOOLEAN NOT NULL DEFAULT false,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ,
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "budget_phase_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budget_window" (
    "id" UUID NOT NULL,
    "budget_id" TEXT NOT NULL,
    "phase_id" UUID NOT NULL,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ,
    "limit_nano_usd" BIGINT NOT NULL,
    "reserved_nano_usd" BIGINT NOT NULL DEFAULT 0,
    "settled_nano_usd" BIGINT NOT NULL DEFAULT 0,
    "frozen_at" TIMESTAMPTZ,
    "frozen_reason" TEXT,
    "alerted_percent" INTEGER NOT NULL DEFAULT 0,
    "opened_at" TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "budget_window_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budget_window_change" (
    "id" BIGSERIAL NOT NULL,
    "window_id" UUID NOT NULL,
    "ends_at" TIMESTAMPTZ,
    "limit_nano_usd" BIGINT NOT NULL,
    "frozen_at" TIMESTAMPTZ,
    "frozen_reason" TEXT,
    "at" TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "budget_window_change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budget_entry" (
    "id" BIGSERIAL NOT NULL,
    "attempt_id" UUID NOT NULL,
    "part" INTEGER NOT NULL DEFAULT 0,
    "window_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "reserved_nano_usd" BIGINT NOT NULL,
    "cushion_nano_usd" BIGINT NOT NULL DEFAULT 0,
    "charged_nano_usd" BIGINT NOT NULL DEFAULT 0,
    "expires_at" TIMESTAMPTZ,
    "detail" JSONB,
    "at" TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "budget_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budget_overrun" (
    "attempt_id" UUID NOT NULL,
    "window_id" UUID NOT NULL,
    "nano_usd" BIGINT NOT NULL,
    "lost_nano_usd" BIGINT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "budget_overrun_pkey" PRIMARY KEY ("attempt_id","window_id")
);

-- CreateTable
CREATE TABLE "model_call" (
    "id" UUID NOT NULL,
    "run_id" UUID,
    "stage_run_id" UUID,
    "role" TEXT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "request_hash" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "model" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'reserved',
    "request" JSONB NOT NULL,
    "response" JSONB,
    "usage" JSONB,
    "reserved_nano_usd" BIGINT NOT NULL DEFAULT 0,
    "cost_nano_usd" BIGINT NOT NULL DEFAULT 0,
    "latency_ms" INTEGER,
    "vendor_request_id" TEXT,
    "error" JSONB,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ,

    CONSTRAINT "model_call_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "stage_run_id" UUID NOT NULL,
    "generation" INTEGER NOT NULL,
    "queue" TEXT NOT NULL,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sent_at" TIMESTAMPTZ,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL,
    "run_id" UUID,
    "repository_id" UUID,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL DEFAULT '{}',
    "at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "delivery" (
    "id" BIGSERIAL NOT NULL,
    "event_id" BIGINT NOT NULL,
    "channel" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "tries" INTEGER NOT NULL DEFAULT 0,
    "available_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_until" TIMESTAMPTZ,
    "last_error" TEXT,
    "sent_at" TIMESTAMPTZ,

    CONSTRAINT "delivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pull_request" (
    "id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "task_key" TEXT NOT NULL,
    "branch" TEXT NOT NULL,
    "number" INTEGER,
    "url" TEXT,
    "state" TEXT NOT NULL,
    "base_commit" TEXT NOT NULL,
    "head_commit" TEXT NOT NULL,
    "patch_path" TEXT,
    "fingerprint" TEXT,
    "merged_at" TIMESTAMPTZ,
    "closed_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pull_request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lesson" (
    "id" UUID NOT NULL,
    "repository_id" UUID,
    "text" TEXT NOT NULL,
    "scope" JSONB NOT NULL DEFAULT '{}',
    "evidence" JSONB NOT NULL DEFAULT '[]',
    "weight" DOUBLE PRECISION NOT NULL DEFAULT 1,
    "expires_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "lesson_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "schedule" (
    "name" TEXT NOT NULL,
    "next_run_at" TIMESTAMPTZ NOT NULL,
    "last_fired_for" TIMESTAMPTZ,

    CONSTRAINT "schedule_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "queue_control" (
    "queue" TEXT NOT NULL,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "epoch" UUID NOT NULL,
    "updated_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "queue_control_pkey" PRIMARY KEY ("queue")
);

-- CreateTable
CREATE TABLE "worker" (
    "id" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "draining" BOOLEAN NOT NULL DEFAULT false,
    "in_flight" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "worker_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setting" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,

    CONSTRAINT "setting_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "repository" (
    "id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "default_branch" TEXT,
    "head_commit" TEXT,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "repository_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task" (
    "id" UUID NOT NULL,
    "repository_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "text_hash" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "status" TEXT NOT NULL DEFAULT 'ready',
    "priority" TEXT NOT NULL DEFAULT 'medium',
    "module" TEXT,
    "language" TEXT,
    "depends_on" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "criteria" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "documents" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "budget_nano_usd" BIGINT,
    "retry_requested_at" TIMESTAMPTZ,
    "file" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "task_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" UUID NOT NULL,
    "task_id" UUID NOT NULL,
    "task_revision" INTEGER NOT NULL,
    "number" INTEGER NOT NULL DEFAULT 1,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "round" INTEGER NOT NULL DEFAULT 1,
    "base_commit" TEXT NOT NULL,
    "branch" TEXT,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "cancel_requested_at" TIMESTAMPTZ,
    "end_code" TEXT,
    "end_message" TEXT,
    "version" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ,

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stage_run" (
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "stage" TEXT NOT NULL,
    "round" INTEGER NOT NULL DEFAULT 1,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "available_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "parked_reason" TEXT,
    "parked_detail" JSONB,
    "last_parked_reason" TEXT,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "published_at" TIMESTAMPTZ,
    "fence" BIGINT NOT NULL DEFAULT 0,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ,
    "error_count" INTEGER NOT NULL DEFAULT 0,
    "crash_count" INTEGER NOT NULL DEFAULT 0,
    "outcome" TEXT,
    "last_error" JSONB,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ,
    "ended_at" TIMESTAMPTZ,

    CONSTRAINT "stage_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stage_attempt" (
    "stage_run_id" UUID NOT NULL,
    "fence" BIGINT NOT NULL,
    "worker_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ,
    "outcome" TEXT,

    CONSTRAINT "stage_attempt_pkey" PRIMARY KEY ("stage_run_id","fence")
);

-- CreateTable
CREATE TABLE "artifact" (
    "id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "round" INTEGER NOT NULL DEFAULT 1,
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "artifact_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "baseline" (
    "repository_id" UUID NOT NULL,
    "commit" TEXT NOT NULL,
    "recipe_hash" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "baseline_pkey" PRIMARY KEY ("repository_id","commit","recipe_hash")
);

-- CreateIndex
CREATE INDEX "budget_phase_created_at_idx" ON "budget_phase"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "budget_phase_budget_id_revision_seq_key" ON "budget_phase"("budget_id", "revision", "seq");

-- CreateIndex
CREATE INDEX "budget_window_opened_at_idx" ON "budget_window"("opened_at");

-- CreateIndex
CREATE UNIQUE INDEX "budget_window_budget_id_phase_id_starts_at_key" ON "budget_window"("budget_id", "phase_id", "starts_at");

-- CreateIndex
CREATE INDEX "budget_window_change_window_id_idx" ON "budget_window_change"("window_id");

-- CreateIndex
CREATE INDEX "budget_entry_window_id_idx" ON "budget_entry"("window_id");

-- CreateIndex
CREATE INDEX "budget_entry_at_idx" ON "budget_entry"("at");

-- CreateIndex
CREATE INDEX "model_call_stage_run_id_ordinal_idx" ON "model_call"("stage_run_id", "ordinal");

-- CreateIndex
CREATE INDEX "model_call_request_hash_idx" ON "model_call"("request_hash");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_stage_run_id_generation_key" ON "outbox"("stage_run_id", "generation");

-- CreateIndex
CREATE INDEX "event_run_id_id_idx" ON "event"("run_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "delivery_event_id_channel_key" ON "delivery"("event_id", "channel");

-- CreateIndex
CREATE UNIQUE INDEX "pull_request_repository_id_branch_key" ON "pull_request"("repository_id", "branch");

-- CreateIndex
CREATE UNIQUE INDEX "repository_url_key" ON "repository"("url");

-- CreateIndex
CREATE UNIQUE INDEX "task_repository_id_key_key" ON "task"("repository_id", "key");

-- CreateIndex
CREATE INDEX "run_state_idx" ON "run"("state");

-- CreateIndex
CREATE UNIQUE INDEX "run_task_id_task_revision_number_key" ON "run"("task_id", "task_revision", "number");

-- CreateIndex
CREATE UNIQUE INDEX "stage_run_run_id_stage_round_key" ON "stage_run"("run_id", "stage", "round");

-- CreateIndex
CREATE UNIQUE INDEX "artifact_run_id_kind_round_key" ON "artifact"("run_id", "kind", "round");

-- AddForeignKey
ALTER TABLE "budget_phase" ADD CONSTRAINT "budget_phase_budget_id_fkey" FOREIGN KEY ("budget_id") REFERENCES "budget"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget_window" ADD CONSTRAINT "budget_window_budget_id_fkey" FOREIGN KEY ("budget_id") REFERENCES "budget"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget_window" ADD CONSTRAINT "budget_window_phase_id_fkey" FOREIGN KEY ("phase_id") REFERENCES "budget_phase"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget_window_change" ADD CONSTRAINT "budget_window_change_window_id_fkey" FOREIGN KEY ("window_id") REFERENCES "budget_window"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget_entry" ADD CONSTRAINT "budget_entry_window_id_fkey" FOREIGN KEY ("window_id") REFERENCES "budget_window"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_call" ADD CONSTRAINT "model_call_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_call" ADD CONSTRAINT "model_call_stage_run_id_fkey" FOREIGN KEY ("stage_run_id") REFERENCES "stage_run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "event" ADD CONSTRAINT "event_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delivery" ADD CONSTRAINT "delivery_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "event"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pull_request" ADD CONSTRAINT "pull_request_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pull_request" ADD CONSTRAINT "pull_request_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lesson" ADD CONSTRAINT "lesson_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task" ADD CONSTRAINT "task_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_task_id_fkey" FOREIGN KEY ("task_id") REFERENCES "task"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_run" ADD CONSTRAINT "stage_run_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_attempt" ADD CONSTRAINT "stage_attempt_stage_run_id_fkey" FOREIGN KEY ("stage_run_id") REFERENCES "stage_run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artifact" ADD CONSTRAINT "artifact_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "baseline" ADD CONSTRAINT "baseline_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
