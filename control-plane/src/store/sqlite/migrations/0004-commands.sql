-- Kept commands. One that is not kept exists in its invocation alone.
CREATE TABLE commands (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  command_id TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL,
  region_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  command_type TEXT NOT NULL,
  enable_parameter INTEGER NOT NULL,
  working_dir TEXT NOT NULL,
  timeout_seconds INTEGER NOT NULL,
  launcher TEXT NOT NULL,
  resource_group_id TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;
CREATE INDEX commands_by_name ON commands (name);

-- Apart from `commands`, whose content need not be rewritten for every invocation.
CREATE TABLE command_counts (
  command_id TEXT NOT NULL PRIMARY KEY REFERENCES commands (command_id) ON DELETE CASCADE,
  invoke_times INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE invocations ADD COLUMN resource_group_id TEXT NOT NULL DEFAULT '';
-- counts the changes by ModifyInvocationAttribute
ALTER TABLE invocations ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
-- a JSON object of what few invocations have: launcher, container, schedule, password name, delivery of output
ALTER TABLE invocations ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
CREATE INDEX invocations_by_resource_group ON invocations (resource_group_id) WHERE resource_group_id <> '';
CREATE INDEX invocations_repeating ON invocations (repeat_mode) WHERE repeat_mode <> 'Once';
