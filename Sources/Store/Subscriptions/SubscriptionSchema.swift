import GRDB

/// The subscriptions' database, by named migrations in order. A migration is never changed once released.
enum SubscriptionSchema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("001 subscriptions") { db in
      try db.execute(
        sql: """
          CREATE TABLE ledger (id BLOB NOT NULL) STRICT;
          CREATE TABLE subscription (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            member TEXT NOT NULL,
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            filter BLOB NOT NULL,
            position INTEGER NOT NULL,
            record_index INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (member, name)
          ) STRICT;
          """)
    }
    return migrator
  }
}
