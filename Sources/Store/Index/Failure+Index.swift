import GRDB
import Primitives

extension Failure {
  /// Something in the index file is broken; deleting the file and rebuilding it from the ledger is the cure.
  static func indexCorrupt(_ message: String) -> Failure { Failure(.corrupt, "INDEX_CORRUPT", message) }

  /// Runs `body` and turns what SQLite throws into a failure.
  static func index<Result>(_ body: () throws -> Result) throws(Failure) -> Result {
    do {
      return try body()
    } catch {
      throw Failure(index: error)
    }
  }

  /// What an error of the index database means to its user.
  init(index error: any Error) {
    switch error {
    case let failure as Failure:
      self = failure
    case let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
      self = .indexCorrupt("SQLite: \(error.message ?? error.resultCode.description)")
    case let error as DatabaseError where error.isForWantOfRoom:
      self = Failure(.exhausted, "DISK_FULL", "the item index cannot grow: the disk is full")
    default:
      self = Failure(.unavailable, "INDEX_UNAVAILABLE", "the item index: \(error)")
    }
  }
}
