package import EPCIS
package import Primitives
package import Wire

/// Whose a key is, for people and for programs.
package struct AuthorWords: Sendable {
  private let author: Cairn_V1_GetAuthorResponse
  private let id: KeyID

  /// What the ledger says of the key `id`.
  package init(_ author: Cairn_V1_GetAuthorResponse, id: KeyID) {
    self.author = author
    self.id = id
  }

  /// A line a fact.
  package var lines: [String] {
    [
      "key      \(id)",
      "member   \(author.memberID.visible)",
      "role     \(role)",
      "valid    \(validity)",
      "batches  \((author.nextSequence > 0 ? author.nextSequence - 1 : 0).grouped)",
    ]
  }

  /// An object with the same facts.
  package var json: JSONValue {
    .object([
      .init("keyId", .text("\(id)")), .init("publicKey", .hex(author.publicKey)),
      .init("memberId", .text(author.memberID)), .init("role", .text(role)), .init("revoked", .boolean(author.revoked)),
      .init("notBefore", .text("\(Instant(microseconds: author.notBeforeMicroseconds))")),
      .init(
        "notAfter",
        author.notAfterMicroseconds == 0 ? .null : .text("\(Instant(microseconds: author.notAfterMicroseconds))")),
      .init("nextSequence", .number(author.nextSequence)), .init("lastHeaderDigest", .hex(author.lastHeaderDigest)),
    ])
  }

  private var role: String {
    switch author.role {
    case .device: "device"
    case .operator: "operator"
    case .admin: "admin"
    case .unspecified, .UNRECOGNIZED: "unknown"
    }
  }

  private var validity: String {
    if author.revoked { return "no longer: it was revoked" }
    let from = RecordedTime(author.notBeforeMicroseconds).text
    let until =
      author.notAfterMicroseconds == 0 ? "without end" : "before \(RecordedTime(author.notAfterMicroseconds).text)"
    return author.notBeforeMicroseconds == 0 ? until : "from \(from), \(until)"
  }
}
