-- The answer of every call that came with a ClientToken, for whoever comes with it again; sealed, as some hold a secret. SQL
-- cannot seal those kept before, so they are forgotten: a retry across the upgrade is a new call.
DROP TABLE client_tokens;
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
