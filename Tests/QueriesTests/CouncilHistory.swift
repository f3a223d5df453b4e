import Consortium
import Foundation
import Ledger
import Primitives
import SeededRandom
import Signing
import SwiftProtobuf
import Wire

/// A council in which random admins make random changes and random devices record events; what the rules refuse does not
/// happen.
struct CouncilHistory {
  let council: Council
  /// What was refused, by reason.
  private(set) var refusals: [String: Int] = [:]
  private var random: SplitMix64
  private var members = 0

  init(seed: UInt64, steps: Int) throws {
    random = SplitMix64(seed: seed)
    members = Int.random(in: 1...4, using: &random)
    council = try Council(members: members, votes: UInt32.random(in: 0...UInt32(members), using: &random))
    for _ in 0..<steps { try step() }
  }

  private mutating func step() throws {
    let (directory, now) = (council.consortium, council.now)
    let inForce = directory.keys.values.map { ($0.id, directory.effectiveRoles(of: $0, at: now)) }
      .sorted { $0.0 < $1.0 }
    let governs = Int.random(in: 0..<4, using: &random) > 0
    let authors = inForce.filter { $0.1.mayAuthor(governs ? .consortium : .provenance) }
    guard let author = authors.randomElement(using: &random)?.0, let key = council.keys[author] else { return }
    do {
      try council.record(governs ? try changes(by: author) : [try council.event()], by: key)
    } catch let failure as Failure {
      refusals[failure.reason, default: 0] += 1
    }
    council.now = council.now.later(by: Int64.random(in: 0...Council.day / 4, using: &random))
  }

  /// Mostly one record, sometimes a batch.
  private mutating func changes(by author: KeyID) throws -> [Data] {
    let count = Int.random(in: 0..<5, using: &random) == 0 ? 3 : 1
    return try (0..<count).map { _ in try council.consortiumRecord(try change(by: author)) }
  }

  private mutating func change(by author: KeyID) throws -> Cairn_V1_ConsortiumRecord.OneOf_Change {
    let directory = council.consortium
    let own = directory.keys[author]?.memberID.description ?? ""
    let open = directory.proposals.values.filter { $0.state(at: council.now) == .open }.map(\.id).sorted()
    switch Int.random(in: 0..<20, using: &random) {
    case 0...3:
      return .registerKey(.of(try council.makeKey(), own, [[.device], [.operator], [.partner]].pick(&random)))
    case 4...5: return .revokeKey(revocation(of: anyKey(of: own)))
    case 6...7: return .rotateKey(try rotation(of: anyKey(of: own)))
    case 8...15 where !open.isEmpty:
      return .vote(.on(open.pick(&random), Int.random(in: 0..<4, using: &random) == 0 ? .reject : .approve))
    case 16 where !open.isEmpty: return .withdraw(.with { $0.proposalID = Data(open.pick(&random).bytes) })
    default: return .propose(council.proposal(try action(), days: .random(in: 1...60, using: &random)))
    }
  }

  private mutating func action() throws -> Cairn_V1_Proposal.OneOf_Action {
    let member = council.consortium.memberIDs.pick(&random).description
    switch Int.random(in: 0..<13, using: &random) {
    case 0...1:
      members += 1
      let id = "m\(members)"
      return .addMember(
        .with {
          $0.member = .named(id)
          $0.keys = (try? [.of(council.makeKey(), id, [.admin]), .of(council.makeKey(), id, [.device])]) ?? []
        })
    case 2: return .suspendMember(.with { $0.memberID = member })
    case 3: return .reinstateMember(.with { $0.memberID = member })
    case 4: return .removeMember(.with { $0.memberID = member })
    case 5:
      let roles = Cairn_V1_Role.allCases.filter { _ in Int.random(in: 0..<6, using: &random) > 0 }
      return .changeRoles(
        .with {
          $0.memberID = member
          $0.roles = roles.filter { $0 != .unspecified }
        })
    case 6...7:
      return .registerKey(.of(try council.makeKey(), member, [[.admin], [.device, .operator]].pick(&random)))
    case 8: return .rotateKey(try rotation(of: anyKey()))
    case 9: return .revokeKey(revocation(of: anyKey()))
    case 10:
      let votes = UInt32.random(in: 0...4, using: &random)
      return .changeThresholds(.with { $0.votes = votes })
    case 11: return .pauseAuthor(.with { $0.keyID = anyKey() })
    default: return .resumeAuthor(.with { $0.keyID = anyKey() })
    }
  }

  /// Any key but the node's, which signs the checkpoints.
  private mutating func anyKey(of member: String? = nil) -> Data {
    let directory = council.consortium
    let keys = directory.keyIDs.compactMap { directory.keys[$0] }
      .filter { !$0.roles.contains(.node) && (member == nil || $0.memberID.description == member) }
    return Data(keys.pick(&random).id.digest.bytes)
  }

  private mutating func revocation(of key: Data) -> Cairn_V1_RevokeKey {
    let since = Bool.random(using: &random) ? 0 : council.now.microseconds - Council.day
    return .with {
      $0.keyID = key
      $0.reason = "lost"
      $0.compromisedSinceMicroseconds = since
    }
  }

  private mutating func rotation(of key: Data) throws -> Cairn_V1_RotateKey {
    let successor = try council.makeKey().publicKey
    let overlap = council.now.microseconds + Int64.random(in: 1...3 * Council.day, using: &random)
    return .with {
      $0.keyID = key
      $0.publicKey = Data(successor.subjectPublicKeyInfo)
      $0.overlapUntilMicroseconds = overlap
    }
  }
}

extension Array {
  fileprivate func pick(_ random: inout SplitMix64) -> Element {
    guard let element = randomElement(using: &random) else { preconditionFailure("nothing to pick from") }
    return element
  }
}
