CREATE TABLE access_keys (
  access_key_id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  sealed_secret BLOB NOT NULL,
  enabled INTEGER NOT NULL,
  created_ms INTEGER NOT NULL
, user_id TEXT REFERENCES users (user_id)) STRICT, WITHOUT ROWID;

CREATE INDEX access_keys_by_owner ON access_keys (account_id, user_id);

CREATE TABLE accounts (
  account_id TEXT NOT NULL PRIMARY KEY,
  account_name TEXT NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE activations (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  activation_id TEXT NOT NULL UNIQUE,
  region_id TEXT NOT NULL,
  sealed_code BLOB NOT NULL,
  instance_count INTEGER NOT NULL,
  time_to_live_hours INTEGER NOT NULL,
  description TEXT NOT NULL,
  instance_name TEXT NOT NULL,
  ip_address_range TEXT NOT NULL,
  disabled INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  registered_count INTEGER NOT NULL,
  deregistered_count INTEGER NOT NULL
, resource_group_id TEXT NOT NULL DEFAULT '', account_id TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE client_tokens (
  account_id TEXT NOT NULL,
  action TEXT NOT NULL,
  token TEXT NOT NULL,
  parameters_hash TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  sealed_answer BLOB NOT NULL,
  PRIMARY KEY (account_id, action, token)
) STRICT, WITHOUT ROWID;

CREATE INDEX client_tokens_by_age ON client_tokens (created_ms);

CREATE TABLE command_counts (
  command_id TEXT NOT NULL PRIMARY KEY REFERENCES commands (command_id) ON DELETE CASCADE,
  invoke_times INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE INDEX commands_by_account ON commands (account_id, region_id, seq);

CREATE INDEX commands_by_name ON commands (name);

CREATE TABLE instance_counts (
  instance_id TEXT NOT NULL PRIMARY KEY REFERENCES instances (instance_id),
  active_count INTEGER NOT NULL,
  invocation_count INTEGER NOT NULL,
  last_invoked_ms INTEGER
, listed_count INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE instances (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  instance_id TEXT NOT NULL UNIQUE,
  region_id TEXT NOT NULL,
  activation_id TEXT NOT NULL REFERENCES activations (activation_id),
  instance_name TEXT NOT NULL,
  public_key TEXT NOT NULL,
  seal_key TEXT NOT NULL,
  -- the host's own words; the columns after it repeat what filters ask for
  host TEXT NOT NULL,
  os_type TEXT NOT NULL,
  machine_id TEXT NOT NULL,
  intranet_ip TEXT NOT NULL,
  internet_ip TEXT NOT NULL,
  registered_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL, resource_group_id TEXT NOT NULL DEFAULT '', deregistered_ms INTEGER, account_id TEXT NOT NULL DEFAULT '',
  UNIQUE (activation_id, public_key)
) STRICT;

CREATE TABLE invocation_progress (
  invocation_seq INTEGER PRIMARY KEY,
  repeat_mode TEXT NOT NULL,
  status TEXT NOT NULL,
  legacy_status TEXT NOT NULL,
  runs_in TEXT NOT NULL
) STRICT;

CREATE INDEX invocation_progress_by_legacy_status ON invocation_progress (legacy_status);

CREATE INDEX invocation_progress_by_status ON invocation_progress (status);

CREATE TABLE invocations (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  invoke_id TEXT NOT NULL UNIQUE,
  command_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  region_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  command_type TEXT NOT NULL,
  parameters TEXT NOT NULL,
  enable_parameter INTEGER NOT NULL,
  working_dir TEXT NOT NULL,
  username TEXT NOT NULL,
  timeout_seconds INTEGER NOT NULL,
  termination_mode TEXT NOT NULL,
  repeat_mode TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  deadline_ms INTEGER NOT NULL,
  content BLOB NOT NULL
, resource_group_id TEXT NOT NULL DEFAULT '', revision INTEGER NOT NULL DEFAULT 0, options TEXT NOT NULL DEFAULT '{}') STRICT;

CREATE INDEX invocations_by_account ON invocations (account_id, region_id, seq);

CREATE INDEX invocations_by_command ON invocations (command_id);

CREATE INDEX invocations_by_name ON invocations (name) WHERE name <> '';

CREATE INDEX invocations_by_resource_group ON invocations (account_id, region_id, resource_group_id);

CREATE INDEX invocations_by_type ON invocations (account_id, region_id, command_type);

CREATE INDEX invocations_repeating ON invocations (repeat_mode) WHERE repeat_mode <> 'Once';

CREATE TABLE nonces (
  access_key_id TEXT NOT NULL,
  nonce TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (access_key_id, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX nonces_by_expiry ON nonces (expires_ms);

CREATE TABLE output_pieces (
  run_seq INTEGER NOT NULL,
  start INTEGER NOT NULL,
  length INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX output_pieces_by_start ON output_pieces (run_seq, start, length);

CREATE TABLE parameter_versions (
  parameter_seq INTEGER NOT NULL,
  version INTEGER NOT NULL,
  sealed_value BLOB NOT NULL,
  updated_by TEXT NOT NULL,
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY (parameter_seq, version)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE policies (
  account_id TEXT NOT NULL,
  policy_name TEXT NOT NULL,
  description TEXT NOT NULL,
  document TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY (account_id, policy_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE policy_attachments (
  user_id TEXT NOT NULL REFERENCES users (user_id),
  policy_type TEXT NOT NULL,
  policy_name TEXT NOT NULL,
  account_id TEXT NOT NULL,
  attached_ms INTEGER NOT NULL,
  PRIMARY KEY (user_id, policy_type, policy_name)
) STRICT, WITHOUT ROWID;

CREATE INDEX policy_attachments_by_policy ON policy_attachments (account_id, policy_type, policy_name);

CREATE TABLE removed_runs (run_seq INTEGER PRIMARY KEY) STRICT;

CREATE TABLE runs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  invocation_seq INTEGER NOT NULL,
  invoke_id TEXT NOT NULL,
  instance_id TEXT NOT NULL,
  iteration INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  status TEXT NOT NULL,
  state TEXT NOT NULL,
  -- 'waiting': not sent, the control plane may still end it; 'out': sent, only the host may; 'over': final
  phase TEXT NOT NULL,
  deadline_ms INTEGER NOT NULL,
  -- deadline + Timeout: the latest end an order can lead to while its host is alive
  latest_end_ms INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  taken_ms INTEGER,
  sent_ledger_id TEXT,
  output_bytes INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL, latest INTEGER NOT NULL DEFAULT 1,
  UNIQUE (invoke_id, instance_id, iteration)
) STRICT;

CREATE INDEX runs_gone_wrong ON runs (invocation_seq, seq) WHERE latest = 1 AND status IN ('Timeout', 'Invalid', 'Aborted', 'Error');

CREATE INDEX runs_latest_of_instance ON runs (instance_id, invocation_seq) WHERE latest = 1;

CREATE INDEX runs_latest_of_invocation ON runs (invocation_seq, seq) WHERE latest = 1;

CREATE INDEX runs_open ON runs (instance_id, seq) WHERE phase <> 'over';

CREATE INDEX runs_out ON runs (latest_end_ms) WHERE phase = 'out';

CREATE INDEX runs_past ON runs (created_ms) WHERE latest = 0;

CREATE INDEX runs_stopped ON runs (invocation_seq, seq) WHERE latest = 1 AND status IN ('Cancelled', 'Terminated');

CREATE INDEX runs_waiting ON runs (deadline_ms) WHERE phase = 'waiting';

CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_ms INTEGER NOT NULL) STRICT;

CREATE TABLE settings (
  account_id TEXT NOT NULL,
  region_id TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (account_id, region_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
  owner TEXT NOT NULL,
  owner_seq INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (owner, owner_seq, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX tags_by_value ON tags (owner, key, value, owner_seq);

CREATE TABLE temporary_keys (
  access_key_id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  user_id TEXT REFERENCES users (user_id),
  session_name TEXT NOT NULL,
  sealed_secret BLOB NOT NULL,
  -- the permanent key that asked for it, without which it is worth nothing
  parent_key_id TEXT NOT NULL,
  policy TEXT,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX temporary_keys_by_expiry ON temporary_keys (expires_ms);

CREATE INDEX temporary_keys_by_parent ON temporary_keys (parent_key_id, expires_ms);

CREATE INDEX temporary_keys_by_user ON temporary_keys (user_id);

CREATE TABLE totals (
  counted TEXT NOT NULL,
  account_id TEXT NOT NULL,
  region_id TEXT NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (counted, account_id, region_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  user_id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL,
  user_name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  comments TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  UNIQUE (account_id, user_name)
) STRICT, WITHOUT ROWID;
