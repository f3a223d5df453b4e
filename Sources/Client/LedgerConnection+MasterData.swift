package import Primitives
import SwiftProtobuf
package import Wire
import WireRPC

extension LedgerConnection {
  private static let pageSize: UInt32 = 1_000

  /// What a subject is, now or at a time. Fails with UNKNOWN_SUBJECT.
  package func masterData(
    of subject: String, at time: Instant? = nil
  ) async throws(Failure) -> Cairn_V1_GetMasterDataResponse {
    let request = Cairn_V1_GetMasterDataRequest.with {
      $0.subject = subject
      $0.atMicroseconds = time?.microseconds ?? 0
    }
    return try await call { try await $0.masterData.getMasterData(request, options: Self.options) }
  }

  /// All subjects of a kind, or of any, page after page, each handed to `visit`.
  package func masterData(
    _ kind: Cairn_V1_MasterDataKind, at time: Instant? = nil,
    _ visit: (Cairn_V1_MasterDataEntry) throws(Failure) -> Void
  ) async throws(Failure) {
    var request = Cairn_V1_ListMasterDataRequest()
    request.kind = kind
    request.pageSize = Self.pageSize
    request.atMicroseconds = time?.microseconds ?? 0
    repeat {
      let page = request
      let response = try await call { try await $0.masterData.listMasterData(page, options: Self.options) }
      for entry in response.entries { try visit(entry) }
      request.pageToken = response.nextPageToken
    } while !request.pageToken.isEmpty
  }

  /// Every version of a subject, in ledger order.
  package func masterDataVersions(of subject: String) async throws(Failure) -> [Cairn_V1_RecordedMasterData] {
    var request = Cairn_V1_ListMasterDataVersionsRequest()
    request.subject = subject
    request.pageSize = Self.pageSize
    var versions: [Cairn_V1_RecordedMasterData] = []
    repeat {
      let page = request
      let response = try await call { try await $0.masterData.listMasterDataVersions(page, options: Self.options) }
      versions += response.versions
      request.pageToken = response.nextPageToken
    } while !request.pageToken.isEmpty
    return versions
  }
}
