package import Consortium
package import FoundationEssentials
package import Ledger
package import Primitives
package import Signing
import SwiftProtobuf
package import Wire

/// The terms of a ledger that is to be founded, as people write, read and sign them. With its signature it is one batch,
/// byte for byte, so whoever has the file founds the same ledger.
package struct GenesisFile: Sendable {
  /// The most bytes a file may have.
  package static let maxByteCount = 4 << 20

  /// Who founds the ledger: an ADMIN key of the terms, and its signature.
  package struct Founder: Hashable, Sendable {
    /// The key.
    package let keyID: KeyID
    /// 64 bytes over the genesis header.
    package let signature: Data

    init(keyID: KeyID, signature: Data) {
      self.keyID = keyID
      self.signature = signature
    }
  }

  /// Name, members, keys and thresholds.
  package private(set) var terms: Cairn_V1_Genesis
  /// The ledger's first time.
  package let createdAt: Instant
  /// 16 random bytes.
  package let salt: Data
  /// Who signed; nil in a draft.
  package private(set) var founder: Founder?
  /// Where each field was read, by path.
  private let lines: [String: Int]

  /// A draft. `salt` is 16 random bytes.
  package init(_ terms: Cairn_V1_Genesis, createdAt: Instant, salt: Data) {
    self.init(terms, createdAt: createdAt, salt: salt, founder: nil, lines: [:])
  }

  init(_ terms: Cairn_V1_Genesis, createdAt: Instant, salt: Data, founder: Founder?, lines: [String: Int]) {
    self.terms = terms
    // Present even where it says nothing, so that equal terms have equal bytes.
    self.terms.thresholds = terms.thresholds
    self.createdAt = createdAt
    self.salt = salt
    self.founder = founder
    self.lines = lines
  }

  /// The terms as the first entry of a log has them: what the file must have said. Fails with NO_GENESIS where the proof is
  /// of another record, or does not give the same header again.
  package init(foundedBy proof: Cairn_V1_RecordProof) throws(Failure) {
    let entry = try LogEntry(proof.entry)
    let header = try BatchHeader(entry.header)
    guard let record = try? Cairn_V1_Record(serializedBytes: proof.record),
      case .genesis(let terms)? = record.consortium.change
    else { throw Failure(.malformed, "NO_GENESIS", "the first record of the log is not a genesis") }
    let founder = Founder(keyID: header.authorKeyID, signature: entry.signature)
    self.init(terms, createdAt: header.createdAt, salt: record.salt, founder: founder, lines: [:])
    guard try ledgerID == header.digest else {
      throw Failure(.corrupt, "NO_GENESIS", "the genesis record does not give the header that stands in the log")
    }
  }

  /// Changes the terms, which makes it a draft again.
  package mutating func amend(_ change: (inout Cairn_V1_Genesis) throws(Failure) -> Void) throws(Failure) {
    try change(&terms)
    terms.thresholds = terms.thresholds
    founder = nil
  }

  /// Signs the terms; fails where the rules refuse them, or FOUNDER_NOT_ADMIN.
  package mutating func sign(with key: PrivateKey) throws(Failure) {
    let rules = try ruled()
    let id = key.publicKey.id
    guard let registration = rules.registration(of: id), registration.roles.contains(.admin) else {
      throw Failure(
        .preconditionFailed, "FOUNDER_NOT_ADMIN",
        "key \(id) is no admin key of these terms; a founder signs with one of the admin keys under 'keys'")
    }
    founder = Founder(keyID: id, signature: try unsigned(by: id).signed(by: key).signature.value)
  }

  /// The id of the ledger; nil in a draft.
  package var ledgerID: Digest? {
    get throws(Failure) {
      guard let founder else { return nil }
      return try unsigned(by: founder.keyID).ledgerID
    }
  }

  /// The terms as the rules see them; fails with what they refuse and the line where it stands.
  package func ruled() throws(Failure) -> GenesisTerms {
    do throws(Failure) {
      guard case .genesis(let rules) = try ConsortiumChange(.with { $0.genesis = terms }) else {
        throw Failure(.bug, "NO_GENESIS", "the terms were taken for another change")
      }
      return rules
    } catch { throw located(error) }
  }

  /// The ledger as it is founded: its state after the first batch, and that batch. Fails with what the rules refuse,
  /// NOT_SIGNED, or INVALID_SIGNATURE.
  package func founded() throws(Failure) -> (LedgerState, AppliedBatch) {
    let rules = try ruled()
    guard let founder else {
      throw Failure(
        .preconditionFailed, "NOT_SIGNED", "nobody has signed these terms; a founding admin does: cairn genesis sign")
    }
    guard let key = rules.registration(of: founder.keyID)?.publicKey else {
      throw .malformed("UNKNOWN_KEY", field: "founder.key", "\(founder.keyID) is none of the keys in this file")
    }
    let batch = try unsigned(by: founder.keyID).signed(founder.signature, suite: key.suite)
    do throws(Failure) {
      let (admitted, terms) = try Admission.admitGenesis(batch)
      return try LedgerState.found(admitted, terms)
    } catch {
      guard error.reason == "INVALID_SIGNATURE" else { throw located(error) }
      throw Failure(
        .unauthenticated, error.reason,
        "founder.signature: not key \(founder.keyID)'s over these terms; they were changed after they were signed, or the "
          + "signature is another file's")
    }
  }

  private func unsigned(by founder: KeyID) throws(Failure) -> UnsignedGenesis {
    try UnsignedGenesis(terms, founder: founder, salt: salt, createdAt: createdAt)
  }

  /// The failure in the file's own words, with the line of the field or of what it stands in.
  private func located(_ failure: Failure) -> Failure {
    guard let violation = failure.violations.first else { return failure }
    let path = Self.words.reduce(violation.field) { $0.replacing($1.key, with: $1.value) }
    var failure = failure
    failure.violations = [.init(field: path, description: violation.description)]
    let line = Self.prefixes(of: path).lazy.compactMap { lines[$0] }.first
    failure.message = (line.map { "line \($0): " } ?? "") + "\(path): \(violation.description)"
    return failure
  }

  /// What the message calls its fields, and what the file does.
  private static let words = [
    ("records[0].", ""), ("consortium.", ""), ("genesis.", ""), ("member_id", "member"),
    ("not_before_microseconds", "valid_from"), ("not_after_microseconds", "valid_until"),
  ].map { (key: $0.0, value: $0.1) }

  /// `a[1].b`, `a[1]`, `a`.
  private static func prefixes(of path: String) -> [String] {
    var prefixes = [path]
    while let end = prefixes.last?.lastIndex(where: { $0 == "." || $0 == "[" }) {
      prefixes.append(String(path[..<end]))
    }
    return prefixes
  }
}
