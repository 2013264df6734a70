-- What GitHub told us, by its delivery id: a delivery that comes again does nothing. Only what is to be looked at is kept.
CREATE TABLE "webhook_event" (
    "delivery_id" TEXT NOT NULL,
    "repository_id" UUID NOT NULL,
    "event" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "handled_at" TIMESTAMPTZ,

    CONSTRAINT "webhook_event_pkey" PRIMARY KEY ("delivery_id")
);

CREATE INDEX "webhook_event_waiting" ON "webhook_event"("repository_id") WHERE "handled_at" IS NULL;

ALTER TABLE "webhook_event" ADD CONSTRAINT "webhook_event_repository_id_fkey" FOREIGN KEY ("repository_id") REFERENCES "repository"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
