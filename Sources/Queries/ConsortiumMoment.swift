import Consortium
import Foundation
import Primitives
import Signing
import SwiftProtobuf
import Wire

/// The consortium as an entry at one position of the log, with that ledger time, finds it; in words for clients.
struct ConsortiumMoment {
  let directory: Directory
  /// What is recorded at lower positions counts.
  let position: UInt64
  let time: Instant

  /// A key as it stands; notFound UNKNOWN_KEY if it is not registered.
  func key(_ id: KeyID) throws(Failure) -> Cairn_V1_KeyStatus {
    status(try directory.authority(of: id, at: position, time: time))
  }

  /// A key as it stood.
  func status(_ authority: Authority) -> Cairn_V1_KeyStatus {
    let key = authority.key
    return .with {
      $0.keyID = Data(key.id.digest.bytes)
      $0.key = .with {
        $0.publicKey = Data(key.publicKey.subjectPublicKeyInfo)
        $0.memberID = key.memberID.description
        $0.roles = key.roles.wire
        $0.notBeforeMicroseconds = key.notBefore.microseconds
        $0.notAfterMicroseconds = authority.notAfter?.microseconds ?? 0
        $0.label = key.label
      }
      $0.effectiveRoles = authority.effectiveRoles.wire
      $0.inForce = authority.condition == .inForce
      $0.reason = authority.condition.reason ?? ""
      $0.registeredPosition = key.registeredBy.position
      if let revocation = authority.revocation {
        $0.revokedPosition = revocation.place.position
        $0.compromisedSinceMicroseconds = revocation.compromisedSince?.microseconds ?? 0
      }
      $0.replaces = key.replaces.map { Data($0.digest.bytes) } ?? Data()
      $0.paused = authority.isPaused
    }
  }

  /// Every member that has joined, in the order they did.
  func members() -> [Cairn_V1_MemberStatus] {
    var keys: [MemberID: Int] = [:]
    for key in directory.keys.values where isInForce(key) { keys[key.memberID, default: 0] += 1 }
    return directory.memberIDs.compactMap { directory.members[$0] }.filter { $0.joinedAt.position < position }
      .map { status($0, keysInForce: keys[$0.id] ?? 0) }
  }

  /// A member as it stands.
  func status(_ member: Member) -> Cairn_V1_MemberStatus {
    status(member, keysInForce: directory.keysInForce(of: member.id, at: position, time: time))
  }

  /// Who can vote, and how many votes are needed.
  var ballot: Directory.Ballot { directory.ballot(at: time) }

  /// A proposal as it stands. While it is open only votes of members that can vote now are listed.
  func status(_ proposal: ProposalCase, _ ballot: Directory.Ballot) -> Cairn_V1_ProposalStatus {
    let state = proposal.state(at: time)
    let votes = proposal.countedVotes(ballot, at: time)
    return .with {
      $0.proposalID = Data(proposal.id.bytes)
      $0.proposal = proposal.proposal.wire
      $0.memberID = proposal.memberID.description
      $0.position = proposal.place.position
      $0.state = state.wire
      $0.votes = votes.map { member, vote in
        .with {
          $0.memberID = member.description
          $0.choice = vote.choice.wire
          $0.position = vote.place.position
        }
      }
      $0.votesNeeded = UInt32(clamping: ballot.votesNeeded)
      if let effective = proposal.effectivePosition { $0.effectivePosition = effective }
    }
  }

  private func isInForce(_ key: AuthorKey) -> Bool {
    key.registeredBy.position < position
      && directory.condition(of: key, at: time, position: position) == .inForce
  }

  private func status(_ member: Member, keysInForce: Int) -> Cairn_V1_MemberStatus {
    .with {
      $0.member = .with {
        $0.id = member.id.description
        $0.legalName = member.legalName
        $0.country = member.country
        $0.lei = member.lei ?? ""
        $0.contact = member.contact
        $0.roles = member.roles.value(at: position).wire
      }
      $0.standing = member.standing.value(at: position).wire
      $0.sincePosition = member.joinedAt.position
      $0.keysInForce = UInt32(clamping: keysInForce)
    }
  }
}
