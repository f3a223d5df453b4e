import GRDB
import Testing

@testable import Outbox

@Suite struct DurabilityTests {
  @Test func everyTransactionIsOnTheDiskWhenItEnds() async throws {
    let desk = try Desk()
    try await desk.run { outbox in
      let settings = try outbox.database.read { database in
        (
          try Int.fetchOne(database, sql: "PRAGMA synchronous"),
          try String.fetchOne(database, sql: "PRAGMA journal_mode"),
          try String.fetchOne(database, sql: "PRAGMA locking_mode")
        )
      }
      #expect(settings.0 == 2)
      #expect(settings.1 == "wal")
      #expect(settings.2 == "exclusive")
    }
  }
}
