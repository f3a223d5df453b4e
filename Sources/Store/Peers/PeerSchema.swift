extension Schema {
  /// What fetching from peers and recovery keep. `catch_up` is there while the log has entries that no certificate covers
  /// yet, and says up to where it is trusted; `republish` holds batches that were taken out of the log when an epoch ended;
  /// `epoch_opening` what the next epoch begins with.
  static let peers = """
    CREATE TABLE catch_up (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      size INTEGER NOT NULL,
      root BLOB NOT NULL,
      note TEXT NOT NULL
    );
    CREATE TABLE republish (
      id INTEGER PRIMARY KEY,
      header_digest BLOB NOT NULL UNIQUE,
      bytes BLOB NOT NULL
    );
    CREATE TABLE epoch_opening (
      epoch INTEGER PRIMARY KEY,
      bytes BLOB NOT NULL
    );
    """

  /// Where the latest checkpoints lie in the order of the epoch, for whoever joins: `state` is what `engine.state` was there.
  static let places = """
    CREATE TABLE order_place (
      sequence INTEGER PRIMARY KEY,
      size INTEGER NOT NULL,
      root BLOB NOT NULL,
      epoch INTEGER NOT NULL,
      stream TEXT NOT NULL,
      created INTEGER NOT NULL,
      stored INTEGER,
      state BLOB NOT NULL
    );
    """

  /// What this node said when it left an epoch: the serialized `cairn.v1.SignedStatement`.
  static let statements = """
    CREATE TABLE statement (
      epoch INTEGER PRIMARY KEY,
      bytes BLOB NOT NULL
    );
    """
}
