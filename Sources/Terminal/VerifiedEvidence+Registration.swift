import Consortium
import Ledger
import Primitives
import Signing

/// How a key came to be registered, as evidence shows it.
struct Registration {
  /// Who let the key in.
  enum Origin {
    /// The ledger's founders.
    case genesis
    /// An admin of its member; the record says so.
    case admin(VerifiedRecord)
    /// These members, by their votes.
    case votes([MemberID])
  }

  let key: AuthorKey
  let origin: Origin
  /// Whether the record that registered it was signed, or the vote for it completed, with a key in other hands.
  let isDoubtful: Bool

  /// Where it was registered, and by whom.
  var words: String {
    let position = key.registeredBy.position
    return switch origin {
    case .genesis: "at genesis"
    case .admin(let record): "at position \(position) by key \(record.author.id)"
    case .votes(let members):
      "at position \(position) by the votes of \(members.map(\.description).joined(separator: ", "))"
    }
  }
}

extension VerifiedEvidence {
  /// How the keys of the records' authors were registered, each followed by the keys that it replaced and the admins who
  /// registered them, back to genesis or to a vote; each key once.
  func registrations(of records: [VerifiedRecord]) -> [Registration] {
    var found: [Registration] = []
    var seen: Set<KeyID> = []
    var next = Array(records.map(\.author.id).reversed())
    while let id = next.popLast() {
      guard seen.insert(id).inserted, let key = directory.keys[id] else { continue }
      let registration = registration(of: key)
      found.append(registration)
      if case .admin(let record) = registration.origin { next.append(record.author.id) }
      if let replaced = key.replaces { next.append(replaced) }
    }
    return found
  }

  private func registration(of key: AuthorKey) -> Registration {
    let place = key.registeredBy
    guard place != .genesis,
      let record = records.first(where: { $0.position == place.position && $0.index == place.index })
    else { return Registration(key: key, origin: .genesis, isDoubtful: false) }
    let origin: Registration.Origin =
      if let proposal = directory.proposals.values.first(where: { $0.acceptance == place }) {
        .votes(proposal.supporters)
      } else {
        .admin(record)
      }
    return Registration(key: key, origin: origin, isDoubtful: isCompromised(record))
  }
}

extension ProposalCase {
  fileprivate var acceptance: RecordPlace? { if case .accepted(let place, _) = outcome { place } else { nil } }

  /// The members whose votes made it take effect.
  fileprivate var supporters: [MemberID] {
    guard case .accepted(_, let places) = outcome else { return [] }
    return votes.filter { places.contains($0.value.place) }.map(\.key).sorted { $0.description < $1.description }
  }
}
