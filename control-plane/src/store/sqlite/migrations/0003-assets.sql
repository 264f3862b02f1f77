ALTER TABLE activations ADD COLUMN resource_group_id TEXT NOT NULL DEFAULT '';
ALTER TABLE instances ADD COLUMN resource_group_id TEXT NOT NULL DEFAULT '';
-- a row that has it is not listed any more; it stays, so that the id is never given again and old runs keep their host
ALTER TABLE instances ADD COLUMN deregistered_ms INTEGER;

-- settings groups of ModifyCloudAssistantSettings, as JSON
CREATE TABLE settings (
  region_id TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (region_id, name)
) STRICT, WITHOUT ROWID;
