-- The Parameter Store. Plain and secret parameters have names of their own kind each.
CREATE TABLE parameters (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  parameter_id TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL,
  region_id TEXT NOT NULL,
  secret INTEGER NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  description TEXT NOT NULL,
  constraints TEXT NOT NULL,
  resource_group_id TEXT NOT NULL,
  key_id TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  -- of the newest value
  version INTEGER NOT NULL,
  updated_by TEXT NOT NULL,
  updated_ms INTEGER NOT NULL,
  UNIQUE (account_id, region_id, secret, name)
) STRICT;

-- AES-256-GCM under the master key, plain values too: what is plain today may hold a password tomorrow.
CREATE TABLE parameter_versions (
  parameter_seq INTEGER NOT NULL,
  version INTEGER NOT NULL,
  sealed_value BLOB NOT NULL,
  updated_by TEXT NOT NULL,
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY (parameter_seq, version)
) STRICT, WITHOUT ROWID;
