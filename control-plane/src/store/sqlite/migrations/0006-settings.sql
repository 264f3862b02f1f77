-- What ModifyCloudAssistantSettings set, as one JSON object a region. The table was made before anything was kept in it.
DROP TABLE settings;
CREATE TABLE settings (region_id TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
