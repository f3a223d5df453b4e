import GRDB

/// The ledger database, by named migrations in order. A migration is never changed once released.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("001 log") { db in try db.execute(sql: log) }
    migrator.registerMigration("002 derived tables") { db in try db.execute(sql: derived) }
    migrator.registerMigration("003 consortium") { db in try db.execute(sql: consortium) }
    migrator.registerMigration("004 peers") { db in try db.execute(sql: peers) }
    migrator.registerMigration("005 places") { db in try db.execute(sql: places) }
    migrator.registerMigration("006 statements") { db in try db.execute(sql: statements) }
    return migrator
  }

  /// Tables that `Rebuild` empties and fills again from the log.
  static let derivedTables = ["tile", "author", "governance", "chunk_time"]

  /// The truth. `entry.bytes` is the log entry, `chunk.bytes` some of a batch's records (see `Chunk`), `redaction` what stands
  /// in place of erased ones: the votes say the same, but the batch comes before them and is incomplete without the hash.
  private static let log = """
    CREATE TABLE entry (
      position INTEGER PRIMARY KEY,
      first_ordinal INTEGER NOT NULL,
      record_count INTEGER NOT NULL,
      bytes BLOB NOT NULL
    );
    CREATE TABLE chunk (
      first_ordinal INTEGER PRIMARY KEY,
      position INTEGER NOT NULL,
      bytes BLOB NOT NULL
    );
    CREATE TABLE redaction (
      position INTEGER NOT NULL,
      record_index INTEGER NOT NULL,
      record_id BLOB NOT NULL,
      decided_at INTEGER NOT NULL,
      PRIMARY KEY (position, record_index)
    ) WITHOUT ROWID;
    CREATE TABLE checkpoint (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      size INTEGER NOT NULL,
      root BLOB NOT NULL,
      note TEXT NOT NULL
    );
    CREATE TABLE equivocation (
      id INTEGER PRIMARY KEY,
      key_id BLOB NOT NULL,
      sequence INTEGER NOT NULL,
      position INTEGER NOT NULL,
      suite INTEGER NOT NULL,
      signature BLOB NOT NULL,
      header BLOB NOT NULL,
      UNIQUE (key_id, sequence)
    );
    """

  /// What `apply` derives from the log. `tile` holds full tiles only; `author` where each author's chain of headers stands;
  /// `governance` the batches of consortium records; `chunk_time` the span of event times in a chunk.
  private static let derived = """
    CREATE TABLE tile (
      level INTEGER NOT NULL,
      number INTEGER NOT NULL,
      hashes BLOB NOT NULL,
      PRIMARY KEY (level, number)
    ) WITHOUT ROWID;
    CREATE TABLE author (
      key_id BLOB PRIMARY KEY,
      next_sequence INTEGER NOT NULL,
      last_digest BLOB NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE governance (
      position INTEGER PRIMARY KEY
    );
    CREATE TABLE chunk_time (
      first_ordinal INTEGER PRIMARY KEY,
      earliest INTEGER NOT NULL,
      latest INTEGER NOT NULL
    );
    """

  /// What a node of a consortium knows besides the log: `engine` where it stands in the engine's stream, `skip` the batches
  /// that were refused at their place in it, `certificate` checkpoints with the members' quorum, `divergence` pairs of
  /// notes of which one member's is of another log, `cosigner` the keys this node has cosigned with.
  private static let consortium = """
    CREATE TABLE engine (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      epoch INTEGER NOT NULL,
      stream TEXT NOT NULL,
      created INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      stored INTEGER,
      state BLOB NOT NULL
    );
    CREATE TABLE skip (
      epoch INTEGER NOT NULL,
      sequence INTEGER NOT NULL,
      header_digest BLOB NOT NULL,
      reason TEXT NOT NULL,
      message TEXT NOT NULL,
      PRIMARY KEY (epoch, sequence)
    ) WITHOUT ROWID;
    CREATE TABLE certificate (
      size INTEGER PRIMARY KEY,
      root BLOB NOT NULL,
      note TEXT NOT NULL
    );
    CREATE TABLE divergence (
      id INTEGER PRIMARY KEY,
      size INTEGER NOT NULL,
      key_id BLOB,
      own TEXT NOT NULL,
      other TEXT NOT NULL UNIQUE
    );
    CREATE TABLE cosigner (
      key_id BLOB PRIMARY KEY
    ) WITHOUT ROWID;
    """
}
