-- Where the news of a run stand on a channel that updates one message, or keeps a thread, for each run. `place` is a digest
-- of the channel's address: a message of another address cannot be updated.
CREATE TABLE "channel_message" (
    "channel" TEXT NOT NULL,
    "run_id" UUID NOT NULL,
    "place" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "thread_id" TEXT,
    "updated_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "channel_message_pkey" PRIMARY KEY ("channel","run_id")
);
ALTER TABLE "channel_message" ADD CONSTRAINT "channel_message_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;
