package import Primitives
import SwiftProtobuf
package import Wire

/// Who may read what is captured, besides its author's member, auditors and regulators.
package struct Audience: Hashable, Sendable {
  /// Every member, which is what a record means that says nothing.
  package static let members = Audience(visibility: nil)

  /// What a record says of it; nil where it says nothing.
  package let visibility: Cairn_V1_Visibility?

  private init(visibility: Cairn_V1_Visibility?) { self.visibility = visibility }

  /// The words people type: `members`, `public`, or `parties=` and member names with commas, in any order. Fails with
  /// UNKNOWN_VISIBILITY.
  package init(_ words: String) throws(Failure) {
    func unknown(_ what: String) -> Failure { .malformed("UNKNOWN_VISIBILITY", field: "", what) }
    let parts = words.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts[0], parts.count) {
    case ("members", 1): self = .members
    case ("public", 1): self.init(visibility: .with { $0.audience = .public })
    case ("parties", 2):
      let names = Set(parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init))
      if let wrong = names.sorted().first(where: { !MemberID.isWellFormed($0) }) {
        throw unknown("'\(wrong)' is no member's name: \(MemberID.grammar)")
      }
      guard names.count <= 100 else { throw unknown("\(names.count) members are named; at most 100") }
      self.init(
        visibility: .with {
          $0.audience = .parties
          $0.memberIds = names.sorted()
        })
    default: throw unknown("'\(words)'; public, members or parties=NAME,NAME expected")
    }
  }
}
