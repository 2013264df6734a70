-- With which version of a prompt a question was asked, so that versions can be compared by what became of their changes.
ALTER TABLE "model_call" ADD COLUMN "prompt_version" TEXT;
-- What a run cost is asked for each run of a list.
CREATE INDEX "model_call_run_id_idx" ON "model_call" ("run_id");

-- What a person worded is not worded anew when it is learned again.
ALTER TABLE "lesson" ADD COLUMN "edited_at" TIMESTAMPTZ;
