-- What people and checks say about a pull request. Webhooks and polling write the same rows: the key makes the second
-- telling do nothing, and a row is taken into at most one round.
CREATE TABLE "review_item" (
    "id" UUID NOT NULL,
    "pull_request_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "author" TEXT NOT NULL,
    "path" TEXT,
    "line" INTEGER,
    "body" TEXT NOT NULL,
    "said_at" TIMESTAMPTZ NOT NULL,
    "round" INTEGER,
    "dropped" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "review_item_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "review_item_pull_request_id_source_external_id_key" ON "review_item"("pull_request_id", "source", "external_id");

ALTER TABLE "review_item" ADD CONSTRAINT "review_item_pull_request_id_fkey" FOREIGN KEY ("pull_request_id") REFERENCES "pull_request"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "review_item" ADD CONSTRAINT "review_item_source" CHECK ("source" IN ('review', 'line', 'comment', 'check'));
