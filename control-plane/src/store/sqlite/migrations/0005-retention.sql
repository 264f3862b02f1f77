-- Runs that are gone, whose output is still to go: it is removed in pieces, so that no transaction is long.
CREATE TABLE removed_runs (run_seq INTEGER PRIMARY KEY) STRICT;
