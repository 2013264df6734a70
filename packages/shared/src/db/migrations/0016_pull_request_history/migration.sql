-- One row a pull request, not one a branch: a new one for the branch leaves the row of the earlier one as it is. A branch
-- that no pull request was opened for has one row.
DROP INDEX "pull_request_repository_id_branch_key";
CREATE UNIQUE INDEX "pull_request_repository_id_branch_number_key" ON "pull_request"("repository_id", "branch", "number") NULLS NOT DISTINCT;

-- What a pull request that nobody reacts to is known by.
ALTER TABLE "pull_request" ADD COLUMN "offered_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP;
ALTER TABLE "pull_request" ADD COLUMN "reacted_at" TIMESTAMPTZ;
UPDATE "pull_request" SET "offered_at" = "created_at";

-- One outcome a run and pull request: a run whose change another run replaced in place has one of its own.
DELETE FROM "pull_outcome" a USING "pull_outcome" b
WHERE a."pull_request_id" = b."pull_request_id" AND a."run_id" = b."run_id" AND a."number" < b."number";
ALTER TABLE "pull_outcome" DROP CONSTRAINT "pull_outcome_pkey";
ALTER TABLE "pull_outcome" ADD CONSTRAINT "pull_outcome_pkey" PRIMARY KEY ("pull_request_id", "run_id");
