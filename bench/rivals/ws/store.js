import Database from 'better-sqlite3';

const HISTORY_PAGE = 500;

/** Messages on disk: WAL, synced at every commit (better-sqlite3 is compiled with NORMAL, so FULL is asked for). */
export function openStore(file) {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE IF NOT EXISTS messages (
      id         INTEGER PRIMARY KEY,
      sender     TEXT NOT NULL,
      recipient  TEXT NOT NULL,
      text       TEXT NOT NULL,
      created_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS messages_missed ON messages (recipient, id);
    CREATE INDEX IF NOT EXISTS messages_conversation ON messages (sender, recipient, id);
  `);

  const insert = db.prepare('INSERT INTO messages (sender, recipient, text, created_at) VALUES (?, ?, ?, ?)');
  const missed = db.prepare(`
    SELECT id, sender AS "from", recipient AS "to", text, created_at
    FROM messages WHERE recipient = ? AND id > ? ORDER BY id LIMIT ${HISTORY_PAGE}`);

  return {
    add: (sender, recipient, text, createdAt) => insert.run(sender, recipient, text, createdAt).lastInsertRowid,
    missed: (recipient, since) => missed.all(recipient, since),
    close: () => db.close(),
  };
}
