SELECT count(*)
FROM stage_run s JOIN run r ON r.id = s.run_id JOIN task t ON t.id = r.task_id JOIN repository p ON p.id = t.repository_id
WHERE s.stage IN ('baseline', 'validate')
  AND (s.state = 'running' OR (s.state = 'pending' AND s.available_at <= now() AND r.paused_at IS NULL AND NOT p.paused
    AND NOT EXISTS (SELECT FROM queue_control c WHERE c.paused AND c.queue IN ('*', 'validator'))))
