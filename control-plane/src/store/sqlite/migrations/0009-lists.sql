-- A schedule's run that another one of the same host has followed is history; lists show the latest of each host.
ALTER TABLE runs ADD COLUMN latest INTEGER NOT NULL DEFAULT 1;
DROP INDEX runs_by_instance;
CREATE INDEX runs_latest_of_instance ON runs (instance_id, invocation_seq) WHERE latest = 1;
CREATE INDEX runs_latest_of_invocation ON runs (invocation_seq, seq) WHERE latest = 1;
-- By age, as the oldest go first.
CREATE INDEX runs_past ON runs (created_ms) WHERE latest = 0;
-- What somebody looks for among a million that went well.
CREATE INDEX runs_gone_wrong ON runs (invocation_seq, seq) WHERE latest = 1 AND status IN ('Timeout', 'Invalid', 'Aborted', 'Error');
CREATE INDEX runs_stopped ON runs (invocation_seq, seq) WHERE latest = 1 AND status IN ('Cancelled', 'Terminated');

-- Of an account in a region: a list walks along what it asks for, newest first, and counts without a look at the rows.
DROP INDEX invocations_by_resource_group;
CREATE INDEX invocations_by_resource_group ON invocations (account_id, region_id, resource_group_id);
CREATE INDEX invocations_by_type ON invocations (account_id, region_id, command_type);

ALTER TABLE instance_counts ADD COLUMN listed_count INTEGER NOT NULL DEFAULT 0;
UPDATE instance_counts SET listed_count = (SELECT count(*) FROM runs AS r WHERE r.instance_id = instance_counts.instance_id);
INSERT INTO totals SELECT 'invocations in ' || p.status, i.account_id, i.region_id, count(*)
  FROM invocation_progress AS p JOIN invocations AS i ON i.seq = p.invocation_seq GROUP BY 1, 2, 3;
INSERT INTO totals SELECT 'invocations shown as ' || p.legacy_status, i.account_id, i.region_id, count(*)
  FROM invocation_progress AS p JOIN invocations AS i ON i.seq = p.invocation_seq GROUP BY 1, 2, 3;
INSERT INTO totals SELECT 'runs in ' || r.status, i.account_id, i.region_id, count(*)
  FROM runs AS r JOIN invocations AS i ON i.seq = r.invocation_seq GROUP BY 1, 2, 3;
INSERT INTO totals SELECT 'invocations tagged ' || json_array(t.key, t.value), i.account_id, i.region_id, count(*)
  FROM tags AS t JOIN invocations AS i ON i.seq = t.owner_seq WHERE t.owner = 'invocation' GROUP BY 1, 2, 3;
INSERT INTO totals SELECT 'runs tagged ' || json_array(t.key, t.value), i.account_id, i.region_id, count(*)
  FROM tags AS t JOIN invocations AS i ON i.seq = t.owner_seq JOIN runs AS r ON r.invocation_seq = i.seq
  WHERE t.owner = 'invocation' GROUP BY 1, 2, 3;
