import GRPCCore
import Queries
import Wire
import WireRPC

/// cairn.v1.MasterDataService: questions about places, parties and products.
struct MasterDataHandlers: Cairn_V1_MasterDataService.SimpleServiceProtocol {
  let queries: Queries

  func getMasterData(request: Cairn_V1_GetMasterDataRequest, context: ServerContext) async throws
    -> Cairn_V1_GetMasterDataResponse
  {
    try await queries.getMasterData(request, by: .current)
  }

  func listMasterData(request: Cairn_V1_ListMasterDataRequest, context: ServerContext) async throws
    -> Cairn_V1_ListMasterDataResponse
  {
    try await queries.listMasterData(request, by: .current)
  }

  func listMasterDataVersions(request: Cairn_V1_ListMasterDataVersionsRequest, context: ServerContext) async throws
    -> Cairn_V1_ListMasterDataVersionsResponse
  {
    try await queries.listMasterDataVersions(request, by: .current)
  }
}
