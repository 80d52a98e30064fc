CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS rooms (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS memberships (
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (room_id, user_id)
) STRICT, WITHOUT ROWID;

-- IDs increase in the order in which messages are committed, because SQLite serializes writes. So a
-- reader that has read up to an ID has missed nothing below it. AUTOINCREMENT never reuses an ID.
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id INTEGER NOT NULL REFERENCES rooms (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    client_id TEXT NOT NULL,
    text TEXT NOT NULL,
    sent_at_ms INTEGER NOT NULL,
    UNIQUE (user_id, client_id)
) STRICT;

CREATE INDEX IF NOT EXISTS messages_of_room ON messages (room_id, id);

INSERT OR IGNORE INTO users (id, name) VALUES (1, 'Ada'), (2, 'Bob'), (3, 'Cleo');
INSERT OR IGNORE INTO rooms (id, name) VALUES (1, 'Everybody'), (2, 'Launch');
INSERT OR IGNORE INTO memberships (room_id, user_id) VALUES (1, 1), (1, 2), (1, 3), (2, 1), (2, 3);
