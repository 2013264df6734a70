-- What people wish of a task beside what the task file says, for one revision of it: let a blocked one start, or leave one
-- out. A task with a mistake in the file is blocked whatever they wish.
ALTER TABLE "task" ADD COLUMN "approved_revision" INTEGER;
ALTER TABLE "task" ADD COLUMN "skipped_revision" INTEGER;
ALTER TABLE "task" ADD COLUMN "mistaken" BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE "intervention" DROP CONSTRAINT "intervention_action_known";
ALTER TABLE "intervention" ADD CONSTRAINT "intervention_action_known" CHECK ("action" IN
    ('pause', 'resume', 'cancel', 'retry', 'replay', 'priority', 'approve', 'skip'));
