package import Consortium
import Foundation
import Ledger
package import Primitives
import Signing
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// How a caller identified itself.
  package enum Identification: String, Hashable, Sendable {
    case certificate, token, none
  }

  /// Most keys or proposals that one page looks at.
  static let maxConsortiumCandidates = 20_000
  /// A page of proposals is closed when they have this many bytes.
  private static let proposalPageBytes = 2 << 20

  /// Members, thresholds and numbers, now or at a position of the log.
  package func getConsortium(
    _ request: Cairn_V1_GetConsortiumRequest
  ) async throws(Failure) -> Cairn_V1_GetConsortiumResponse {
    let view = views.current
    let moment = try await moment(at: request.hasPosition ? request.position : nil, in: view)
    let electorate = moment.directory.electorate(at: moment.time, position: moment.position)
    return .with {
      $0.name = moment.directory.name
      $0.position = min(moment.position, view.logSize)
      $0.members = moment.members()
      $0.thresholds = electorate.thresholds.wire
      $0.votesNeeded = UInt32(clamping: electorate.votesNeeded)
      $0.voters = UInt32(clamping: electorate.voters)
      $0.quorum = UInt32(clamping: electorate.quorum)
      $0.nodes = UInt32(clamping: electorate.nodes)
    }
  }

  /// Keys in order of registration. A page may be short, or empty, and yet not be the last.
  package func listKeys(_ request: Cairn_V1_ListKeysRequest) async throws(Failure) -> Cairn_V1_ListKeysResponse {
    let pageSize = try Self.pageSize(request.pageSize)
    var words = request
    (words.pageSize, words.pageToken) = (0, "")
    let question = Question("ListKeys", try BatchBuilder.serialize(words), by: .anyone)
    let view = views.current
    let moment = try await moment(at: nil, in: view)
    let filter = try KeyFilter(request, in: moment.directory)
    let ids = moment.directory.keyIDs
    var next = try start(request.pageToken, of: question, count: ids.count)
    let last = min(ids.count, next + Self.maxConsortiumCandidates)
    var keys: [Cairn_V1_KeyStatus] = []
    while next < last, keys.count < pageSize {
      if let key = moment.directory.keys[ids[next]], filter.matches(key) { keys.append(try moment.key(key.id)) }
      next += 1
    }
    var response = Cairn_V1_ListKeysResponse()
    response.keys = keys
    response.logSize = view.logSize
    if next < ids.count {
      response.nextPageToken = try PageToken(logSize: view.logSize, next: UInt64(next))
        .text(for: question, sealedBy: seal)
    }
    return response
  }

  /// What one key may do, now or at a position of the log, with evidence under the latest checkpoint.
  package func getAuthority(
    _ request: Cairn_V1_GetAuthorityRequest
  ) async throws(Failure) -> Cairn_V1_GetAuthorityResponse {
    let id = try Self.keyID(request.keyID, "key_id")
    let view = views.current
    let moment = try await moment(at: request.hasPosition ? request.position : nil, in: view)
    let authority = try moment.directory.authority(of: id, at: moment.position, time: moment.time)
    var response = Cairn_V1_GetAuthorityResponse()
    response.position = min(moment.position, view.logSize)
    response.ledgerTimeMicroseconds = moment.time.microseconds
    response.key = moment.status(authority)
    response.member = moment.status(authority.member)
    if !request.withoutEvidence {
      let position = max(1, min(moment.position, view.logSize)) - 1
      let checkpoint = latestCheckpoint(in: view, holding: position)
      response.evidence = try await store.read { reader in
        var builder = EvidenceBuilder(reader: reader, view: view, checkpoint: checkpoint)
        return try builder.evidence(of: authority.key, at: moment.position)
      }
    }
    return response
  }

  /// Proposals, newest first. A page may be short, or empty, and yet not be the last.
  package func listProposals(
    _ request: Cairn_V1_ListProposalsRequest
  ) async throws(Failure) -> Cairn_V1_ListProposalsResponse {
    let pageSize = try Self.pageSize(request.pageSize)
    let state = ProposalState(request.state)
    guard state != nil || request.state == .unspecified else {
      throw .malformed(
        "UNKNOWN_STATE", field: "state", "\(request.state.rawValue) is no state of a proposal; 0 means all")
    }
    let question = Question("ListProposals", Data("\(request.state.rawValue)".utf8), by: .anyone)
    let view = views.current
    let moment = try await moment(at: nil, in: view)
    let ids = moment.directory.proposalIDs
    // Counted from the first one, so that proposals made meanwhile move nothing.
    var rest = ids.count
    if !request.pageToken.isEmpty { rest = try start(request.pageToken, of: question, count: ids.count) }
    let last = max(0, rest - Self.maxConsortiumCandidates)
    let ballot = moment.ballot
    var (proposals, bytes): ([Cairn_V1_ProposalStatus], Int) = ([], 0)
    while rest > last, proposals.count < pageSize, bytes < Self.proposalPageBytes {
      rest -= 1
      guard let proposal = moment.directory.proposals[ids[rest]] else { continue }
      guard state == nil || proposal.state(at: moment.time) == state else { continue }
      let status = moment.status(proposal, ballot)
      bytes += try BatchBuilder.serialize(status).count
      proposals.append(status)
    }
    var response = Cairn_V1_ListProposalsResponse()
    response.proposals = proposals
    response.logSize = view.logSize
    if rest > 0 {
      response.nextPageToken = try PageToken(logSize: view.logSize, next: UInt64(rest))
        .text(for: question, sealedBy: seal)
    }
    return response
  }

  /// One proposal and its votes.
  package func getProposal(
    _ request: Cairn_V1_GetProposalRequest
  ) async throws(Failure) -> Cairn_V1_GetProposalResponse {
    let id = try Self.digest(request.proposalID, "proposal_id")
    let moment = try await moment(at: nil, in: views.current)
    guard let proposal = moment.directory.proposals[id] else {
      throw Failure(
        .notFound, "UNKNOWN_PROPOSAL", "proposal_id: no record of this ledger with id \(id) is a proposal")
    }
    return .with { $0.proposal = moment.status(proposal, moment.ballot) }
  }

  /// Whom the server takes the caller for.
  package func whoAmI(
    _ request: Cairn_V1_WhoAmIRequest, by caller: Caller, identifiedBy identification: Identification
  ) async throws(Failure) -> Cairn_V1_WhoAmIResponse {
    var response = Cairn_V1_WhoAmIResponse()
    response.method = identification.rawValue
    guard case .key(let key) = caller else { return response }
    let moment = try await moment(at: nil, in: views.current)
    response.key = try moment.key(key.id)
    if let member = moment.directory.members[key.memberID] { response.member = moment.status(member) }
    return response
  }

  /// The consortium at a past position, or as an entry that came now would find it.
  private func moment(at position: UInt64?, in view: LedgerView) async throws(Failure) -> ConsortiumMoment {
    guard let position, position != view.logSize else {
      return ConsortiumMoment(
        directory: view.directory, position: view.logSize, time: max(now(), view.ledgerTime))
    }
    guard position < view.logSize else {
      throw Failure(
        .outOfRange, "POSITION_OUT_OF_RANGE", "position: \(position); this node's log has \(view.logSize) entries")
    }
    let time = try await store.read { reader in
      guard let entry = try reader.entry(at: position) else { throw LedgerReader.corrupt("log entry \(position)") }
      return try LogEntry(entry.bytes).ledgerTime
    }
    return ConsortiumMoment(directory: view.directory, position: position, time: time)
  }

  private func start(_ token: String, of question: Question, count: Int) throws(Failure) -> Int {
    min(Int(clamping: try PageToken(token, for: question, sealedBy: seal)?.next ?? 0), count)
  }
}

/// Which keys are asked for.
private struct KeyFilter {
  private let member: MemberID?
  private let role: Role?
  private let expiringBefore: Instant?

  init(_ request: Cairn_V1_ListKeysRequest, in directory: Directory) throws(Failure) {
    member = MemberID(request.memberID)
    guard request.memberID.isEmpty || member.map({ directory.members[$0] != nil }) == true else {
      throw Failure(.notFound, "UNKNOWN_MEMBER", "member_id: there is no member of that name; names are all lower case")
    }
    role = Role(request.role)
    guard role != nil || request.role == .unspecified else {
      throw .malformed("UNKNOWN_ROLE", field: "role", "\(request.role.rawValue) is no role; 0 means all")
    }
    let time = request.expiringBeforeMicroseconds
    expiringBefore = time == 0 ? nil : Instant(microseconds: time)
  }

  /// A revoked key has ended and does not expire any more.
  func matches(_ key: AuthorKey) -> Bool {
    if let member, key.memberID != member { return false }
    if let role, !key.roles.contains(role) { return false }
    guard let expiringBefore else { return true }
    guard key.revocation == nil, let end = key.notAfter.latest else { return false }
    return end < expiringBefore
  }
}
