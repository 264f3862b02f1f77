/**
 * Numbered and append-only: a released migration is never edited, because databases made by it exist. The dumped result
 * is `schema.sql`, compared by a test.
 */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE access_keys (
  access_key_id TEXT PRIMARY KEY,
  account_id    TEXT NOT NULL,
  sealed_secret BLOB NOT NULL,
  enabled       INTEGER NOT NULL,
  created_ms    INTEGER NOT NULL
) STRICT;

CREATE TABLE nonces (
  access_key_id TEXT NOT NULL,
  nonce         TEXT NOT NULL,
  expires_ms    INTEGER NOT NULL,
  PRIMARY KEY (access_key_id, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonces_by_expiry ON nonces (expires_ms);

CREATE TABLE counters (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
  resource_type TEXT NOT NULL,
  resource_id   TEXT NOT NULL,
  key           TEXT NOT NULL,
  value         TEXT NOT NULL,
  PRIMARY KEY (resource_type, key, value, resource_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE activations (
  seq                INTEGER PRIMARY KEY AUTOINCREMENT,
  activation_id      TEXT NOT NULL UNIQUE,
  region_id          TEXT NOT NULL,
  sealed_code        BLOB NOT NULL,
  instance_count     INTEGER NOT NULL,
  time_to_live_hours INTEGER NOT NULL,
  description        TEXT NOT NULL,
  instance_name      TEXT NOT NULL,
  ip_address_range   TEXT NOT NULL,
  disabled           INTEGER NOT NULL,
  created_ms         INTEGER NOT NULL,
  registered_count   INTEGER NOT NULL,
  deregistered_count INTEGER NOT NULL,
  tags               TEXT NOT NULL
) STRICT;
CREATE INDEX activations_by_region ON activations (region_id, seq);

CREATE TABLE instances (
  seq              INTEGER PRIMARY KEY AUTOINCREMENT,
  instance_id      TEXT NOT NULL UNIQUE,
  region_id        TEXT NOT NULL,
  activation_id    TEXT NOT NULL,
  instance_name    TEXT NOT NULL,
  public_key       TEXT NOT NULL,
  seal_key         TEXT NOT NULL,
  host             TEXT NOT NULL,
  os_type          TEXT NOT NULL,
  intranet_ip      TEXT NOT NULL,
  internet_ip      TEXT NOT NULL,
  machine_id       TEXT NOT NULL,
  registered_ms    INTEGER NOT NULL,
  last_seen_ms     INTEGER NOT NULL,
  invocation_count INTEGER NOT NULL,
  tags             TEXT NOT NULL,
  UNIQUE (activation_id, public_key)
) STRICT;
CREATE INDEX instances_by_region ON instances (region_id, seq);

CREATE TABLE invocations (
  seq              INTEGER PRIMARY KEY AUTOINCREMENT,
  invoke_id        TEXT NOT NULL UNIQUE,
  command_id       TEXT NOT NULL,
  account_id       TEXT NOT NULL,
  region_id        TEXT NOT NULL,
  name             TEXT NOT NULL,
  description      TEXT NOT NULL,
  command_type     TEXT NOT NULL,
  content          BLOB NOT NULL,
  parameters       TEXT NOT NULL,
  enable_parameter INTEGER NOT NULL,
  working_dir      TEXT NOT NULL,
  username         TEXT NOT NULL,
  timeout_seconds  INTEGER NOT NULL,
  termination_mode TEXT NOT NULL,
  repeat_mode      TEXT NOT NULL,
  created_ms       INTEGER NOT NULL,
  deadline_ms      INTEGER NOT NULL,
  tags             TEXT NOT NULL,
  -- how many of its runs are in each group of statuses; kept with every change, for the InvokeStatus filter only
  n_pending        INTEGER NOT NULL DEFAULT 0,
  n_scheduled      INTEGER NOT NULL DEFAULT 0,
  n_running        INTEGER NOT NULL DEFAULT 0,
  n_stopping       INTEGER NOT NULL DEFAULT 0,
  n_success        INTEGER NOT NULL DEFAULT 0,
  n_nonzero        INTEGER NOT NULL DEFAULT 0,
  n_broken         INTEGER NOT NULL DEFAULT 0,
  n_stopped        INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX invocations_by_region ON invocations (region_id, seq);
CREATE INDEX invocations_by_command ON invocations (command_id, seq);

CREATE TABLE client_tokens (
  account_id      TEXT NOT NULL,
  action          TEXT NOT NULL,
  token           TEXT NOT NULL,
  parameters_hash TEXT NOT NULL,
  invoke_id       TEXT NOT NULL,
  command_id      TEXT NOT NULL,
  PRIMARY KEY (account_id, action, token)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,
  invoke_id      TEXT NOT NULL,
  instance_id    TEXT NOT NULL,
  iteration      INTEGER NOT NULL,
  status         TEXT NOT NULL,
  -- the whole state as JSON; the columns beside it exist for indexes
  state          TEXT NOT NULL,
  final          INTEGER NOT NULL,
  sent           INTEGER NOT NULL,
  revision       INTEGER NOT NULL,
  created_ms     INTEGER NOT NULL,
  updated_ms     INTEGER NOT NULL,
  deadline_ms    INTEGER NOT NULL,
  timeout_ms     INTEGER NOT NULL,
  taken_ms       INTEGER,
  sent_ledger_id TEXT,
  output_bytes   INTEGER NOT NULL DEFAULT 0,
  stored_bytes   INTEGER NOT NULL DEFAULT 0,
  UNIQUE (invoke_id, instance_id, iteration)
) STRICT;
CREATE INDEX runs_by_instance ON runs (instance_id, seq);
CREATE INDEX runs_open_by_instance ON runs (instance_id, seq) WHERE final = 0;
CREATE INDEX runs_open_by_deadline ON runs (sent, deadline_ms) WHERE final = 0;

CREATE TABLE output (
  id       INTEGER PRIMARY KEY,
  run_seq  INTEGER NOT NULL,
  offset   INTEGER NOT NULL,
  bytes    BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX output_by_offset ON output (run_seq, offset);
`,
];
