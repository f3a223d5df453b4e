import Consensus
import Consortium
import Foundation
import Ledger
import Primitives
import SwiftProtobuf
import Wire

/// A statement as a text that can be mailed: what it says for people, and the signed bytes in base64.
struct StatementFile {
  private static let maxByteCount = 16_384
  private static let mark = "cairn-statement "

  /// Where it was read from; empty for a new one.
  let path: String
  /// The statement.
  let statement: SignedStatement

  init(_ statement: SignedStatement) {
    path = ""
    self.statement = statement
  }

  /// Reads a file; fails with FILE_UNREADABLE or MALFORMED_STATEMENT.
  init(path: String) throws(Failure) {
    guard let file = FileHandle(forReadingAtPath: path),
      let data = try? file.read(upToCount: Self.maxByteCount), let text = String(data: data, encoding: .utf8)
    else { throw Failure(.notFound, "FILE_UNREADABLE", "cannot read \(path)") }
    let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(Self.mark) }
    guard let base64 = line?.dropFirst(Self.mark.count).trimmingCharacters(in: .whitespaces),
      let bytes = Data(base64Encoded: base64), let wire = try? Cairn_V1_SignedStatement(serializedBytes: bytes)
    else {
      throw Failure(
        .malformed, "MALFORMED_STATEMENT", "\(path) holds no statement; cairnd recover close writes them")
    }
    self.path = path
    do { statement = try SignedStatement(wire) } catch { throw error.about(path) }
  }

  /// Checks that it is about leaving that epoch of that ledger, and that a node's key signed it. Fails with the file's name:
  /// WRONG_STATEMENT, UNKNOWN_KEY, WRONG_ROLE or INVALID_SIGNATURE.
  func verified(by directory: Directory, ledgerID: Digest, epoch: UInt64) throws(Failure) -> VerifiedStatement {
    let said = statement.statement
    guard said.ledgerID == ledgerID, said.closedEpoch == epoch else {
      throw Failure(
        .preconditionFailed, "WRONG_STATEMENT",
        "\(path) is about leaving epoch \(said.closedEpoch) of ledger \(said.ledgerID); this node leaves epoch \(epoch) of "
          + "ledger \(ledgerID)")
    }
    do { return try statement.verified(by: directory) } catch { throw error.about(path) }
  }

  /// The file's text.
  var text: String {
    get throws(Failure) {
      let said = statement.statement
      return """
        # ledger \(said.ledgerID)
        # epoch \(said.closedEpoch) is left; largest cosigned log: \(said.signed.map(\.description) ?? "none"); \
        final: \(said.finalSize); log: \(said.log)
        \(Self.mark)\(try BatchBuilder.serialize(statement.wire).base64EncodedString())
        """
    }
  }
}

extension Failure {
  /// The same, said of a file.
  fileprivate func about(_ path: String) -> Failure {
    Failure(kind, reason, "\(path): \(message)", violations: violations)
  }
}
