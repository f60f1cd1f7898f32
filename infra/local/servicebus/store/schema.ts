/** Tables of the broker's file. `queue` is the queue's path, so dead-letter queues have rows of their own. */
export const schema = `
  CREATE TABLE IF NOT EXISTS messages (
    queue TEXT NOT NULL,
    sequence_number INTEGER NOT NULL,
    enqueued_sequence_number INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    session_id TEXT,
    state TEXT NOT NULL,
    enqueued_at INTEGER NOT NULL,
    time_to_live INTEGER,
    scheduled_for INTEGER,
    delivery_count INTEGER NOT NULL,
    dead_letter_source TEXT,
    properties TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (queue, sequence_number)
  );
  CREATE TABLE IF NOT EXISTS duplicates (
    queue TEXT NOT NULL,
    message_id TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (queue, message_id)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sessions (
    queue TEXT NOT NULL,
    session_id TEXT NOT NULL,
    state BLOB NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (queue, session_id)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS sequences (
    queue TEXT PRIMARY KEY,
    last_reserved INTEGER NOT NULL
  ) WITHOUT ROWID;
`;
