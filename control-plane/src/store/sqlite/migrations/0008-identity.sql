-- Who calls, and what they may: accounts, users, several keys each, temporary keys, policies. Every row of data has its account.

CREATE TABLE accounts (
  account_id TEXT NOT NULL PRIMARY KEY,
  account_name TEXT NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL
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

-- Null: a key of the account itself.
ALTER TABLE access_keys ADD COLUMN user_id TEXT REFERENCES users (user_id);
CREATE INDEX access_keys_by_owner ON access_keys (account_id, user_id);

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

CREATE TABLE policies (
  account_id TEXT NOT NULL,
  policy_name TEXT NOT NULL,
  description TEXT NOT NULL,
  document TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY (account_id, policy_name)
) STRICT, WITHOUT ROWID;

-- `policy_type`: 'Custom' is a row of `policies`, 'System' is one of those that are part of the program.
CREATE TABLE policy_attachments (
  user_id TEXT NOT NULL REFERENCES users (user_id),
  policy_type TEXT NOT NULL,
  policy_name TEXT NOT NULL,
  account_id TEXT NOT NULL,
  attached_ms INTEGER NOT NULL,
  PRIMARY KEY (user_id, policy_type, policy_name)
) STRICT, WITHOUT ROWID;
CREATE INDEX policy_attachments_by_policy ON policy_attachments (account_id, policy_type, policy_name);

-- Until now there was one account, that of the root access key.
ALTER TABLE activations ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
UPDATE activations SET account_id = coalesce((SELECT min(account_id) FROM access_keys), '');
ALTER TABLE instances ADD COLUMN account_id TEXT NOT NULL DEFAULT '';
UPDATE instances SET account_id = coalesce((SELECT min(account_id) FROM access_keys), '');
CREATE INDEX invocations_by_account ON invocations (account_id, region_id, seq);

ALTER TABLE totals RENAME TO region_totals;
CREATE TABLE totals (
  counted TEXT NOT NULL,
  account_id TEXT NOT NULL,
  region_id TEXT NOT NULL,
  total INTEGER NOT NULL,
  PRIMARY KEY (counted, account_id, region_id)
) STRICT, WITHOUT ROWID;
INSERT INTO totals SELECT counted, coalesce((SELECT min(account_id) FROM access_keys), ''), region_id, total FROM region_totals;
DROP TABLE region_totals;

ALTER TABLE settings RENAME TO region_settings;
CREATE TABLE settings (
  account_id TEXT NOT NULL,
  region_id TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (account_id, region_id)
) STRICT, WITHOUT ROWID;
INSERT INTO settings SELECT coalesce((SELECT min(account_id) FROM access_keys), ''), region_id, value FROM region_settings;
DROP TABLE region_settings;

-- A small account is listed without a walk through a large one.
CREATE INDEX commands_by_account ON commands (account_id, region_id, seq);
