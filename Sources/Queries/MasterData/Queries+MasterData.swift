package import Consortium
import Foundation
import Ledger
package import Primitives
import Provenance
import Store
import SwiftProtobuf
package import Wire

extension Queries {
  /// A page of versions, and what members say of one subject, are closed at so many bytes.
  private static let versionBytes = 1 << 20

  /// What a subject is at a time; UNKNOWN_SUBJECT where nobody describes it.
  package func getMasterData(
    _ request: Cairn_V1_GetMasterDataRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_GetMasterDataResponse {
    let asked = ContinuousClock.now
    let subject = try Self.identifier(request.subject, field: "subject").canonical
    let view = try view(atLeast: request.minimumLogSize)
    let scope = scope(of: caller, in: view)
    let descriptions = descriptions(scope, at: try time(request.atMicroseconds))
    let description = try await store.read { reader in
      var search = DescriptionSearch(descriptions, reader, end: view.recordCount)
      return try search.description(of: subject)
    }
    await hold(since: asked, scope)
    guard let entry = description.entry else {
      throw Failure(.notFound, "UNKNOWN_SUBJECT", "subject: nobody describes \(subject), as far as you may know")
    }
    return .with {
      $0.entry = entry
      $0.versions = Self.closed(description.standing)
      $0.logSize = view.logSize
    }
  }

  /// The subjects that somebody describes, in the order of their first versions.
  package func listMasterData(
    _ request: Cairn_V1_ListMasterDataRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_ListMasterDataResponse {
    let asked = ContinuousClock.now
    let pageSize = try Self.pageSize(request.pageSize)
    if case .UNRECOGNIZED(let number) = request.kind {
      throw .malformed("UNKNOWN_KIND", field: "kind", "\(number) is none of place, party and product")
    }
    let view = try view(atLeast: request.minimumLogSize)
    let scope = scope(of: caller, in: view)
    let words = Data("\(request.kind.rawValue) \(request.atMicroseconds)".utf8)
    let question = Question("ListMasterData", words, by: caller)
    let token = try page(request.pageToken, of: question, in: view)
    let descriptions = descriptions(scope, at: try time(request.atMicroseconds))
    let page = try await store.read { reader in
      let end = try reader.recordCount(atLogSize: token.logSize, in: view)
      return try MasterDataList(descriptions, kind: request.kind, end: end)
        .page(from: token.next, limit: pageSize, reader)
    }
    await hold(since: asked, scope)
    let next = try page.next.map { next throws(Failure) in
      try PageToken(logSize: token.logSize, next: next).text(for: question, sealedBy: seal)
    }
    return .with {
      $0.entries = page.entries
      $0.nextPageToken = next ?? ""
      $0.logSize = token.logSize
    }
  }

  /// Every version of a subject, in ledger order.
  package func listMasterDataVersions(
    _ request: Cairn_V1_ListMasterDataVersionsRequest, by caller: Caller
  ) async throws(Failure) -> Cairn_V1_ListMasterDataVersionsResponse {
    let asked = ContinuousClock.now
    let subject = try Self.identifier(request.subject, field: "subject").canonical
    let pageSize = try Self.pageSize(request.pageSize)
    let view = try view(atLeast: request.minimumLogSize)
    let scope = scope(of: caller, in: view)
    let question = Question("ListMasterDataVersions", Data(subject.utf8), by: caller)
    let token = try page(request.pageToken, of: question, in: view)
    let descriptions = descriptions(scope, at: now())
    let page = try await store.read { reader in
      let end = try reader.recordCount(atLogSize: token.logSize, in: view)
      var search = DescriptionSearch(descriptions, reader, end: end)
      return try search.versions(of: subject, from: token.next, limit: pageSize, bytes: Self.versionBytes)
    }
    await hold(since: asked, scope)
    let next = try page.next.map { next throws(Failure) in
      try PageToken(logSize: token.logSize, next: next).text(for: question, sealedBy: seal)
    }
    return .with {
      $0.versions = page.versions
      $0.nextPageToken = next ?? ""
      $0.logSize = token.logSize
    }
  }

  /// The subjects among `names`, written in any way, that somebody describes now, and what those are a part of. For an
  /// answer to a caller with that scope, who must be held (see `hold`) as it may tell of something hidden.
  func masterData(
    for names: [String], _ scope: ReadingScope, in view: LedgerView
  ) async throws(Failure) -> [Cairn_V1_MasterDataEntry] {
    let descriptions = descriptions(scope, at: now())
    let postings = try await descriptions.postings(of: names, end: view.recordCount)
    return try await store.read { reader in
      try descriptions.entries(of: names, reader, end: view.recordCount, postings: postings)
    }
  }

  func descriptions(_ scope: ReadingScope, at time: Instant) -> Descriptions {
    Descriptions(index: index, scope: scope, time: time)
  }

  private func time(_ microseconds: Int64) throws(Failure) -> Instant {
    let time = microseconds == 0 ? now() : Instant(microseconds: microseconds)
    guard time.isWithinCalendar else {
      throw .malformed("TIME_OUT_OF_RANGE", field: "at_microseconds", "a time in the years 1 to 9999 expected")
    }
    return time
  }

  /// The first ones, up to a megabyte of them.
  private static func closed(_ versions: [Version]) -> [Cairn_V1_RecordedMasterData] {
    var bytes = 0
    return versions.prefix { version in
      defer { bytes += version.byteCount }
      return bytes < versionBytes
    }.map(\.recorded)
  }
}
