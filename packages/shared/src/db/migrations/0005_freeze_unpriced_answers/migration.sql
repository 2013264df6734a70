-- An answer of another model, service tier, speed or region than was priced freezes the windows of its call.

ALTER TABLE budget_window DROP CONSTRAINT budget_window_frozen;
ALTER TABLE budget_window ADD CONSTRAINT budget_window_frozen CHECK (
  (frozen_at IS NULL) = (frozen_reason IS NULL) AND frozen_reason IN ('limit_lowered', 'overrun', 'not_as_priced', 'audit')
);
