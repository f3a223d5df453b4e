import Foundation
import GRDB
import Primitives

/// Columns of a database that somebody may have damaged: a value of the wrong kind is a failure, never a crash.
extension Row {
  /// A whole number that is not negative.
  func natural(_ column: Int) throws -> UInt64 {
    guard let value = Int64.fromDatabaseValue(self[column]), value >= 0 else { throw corrupt(column) }
    return UInt64(value)
  }

  /// A whole number from 0 to `limit`.
  func natural(_ column: Int, upTo limit: Int) throws -> Int {
    let value = try natural(column)
    guard value <= UInt64(limit) else { throw corrupt(column) }
    return Int(value)
  }

  /// A whole number of either sign.
  func integer(_ column: Int) throws -> Int64 {
    guard let value = Int64.fromDatabaseValue(self[column]) else { throw corrupt(column) }
    return value
  }

  /// Bytes.
  func data(_ column: Int) throws -> Data {
    guard case .blob(let value) = (self[column] as DatabaseValue).storage else { throw corrupt(column) }
    return value
  }

  /// Text.
  func text(_ column: Int) throws -> String {
    guard case .string(let value) = (self[column] as DatabaseValue).storage else { throw corrupt(column) }
    return value
  }

  /// A value that may be missing.
  func optional<Value>(_ column: Int, _ read: (Int) throws -> Value) throws -> Value? {
    try (self[column] as DatabaseValue).isNull ? nil : read(column)
  }

  private func corrupt(_ column: Int) -> Failure {
    let name = Array(columnNames)[column]
    return LedgerReader.corrupt("the column \(name), which holds \(self[column] as DatabaseValue),")
  }
}
