import Consortium
import GRPCCore
import Queries
import Wire
import WireRPC

/// cairn.v1.ConsortiumService: who takes part, and who may do what. All of it is public.
struct ConsortiumHandlers: Cairn_V1_ConsortiumService.SimpleServiceProtocol {
  let queries: Queries

  func getConsortium(request: Cairn_V1_GetConsortiumRequest, context: ServerContext) async throws
    -> Cairn_V1_GetConsortiumResponse
  {
    try await queries.getConsortium(request)
  }

  func listKeys(request: Cairn_V1_ListKeysRequest, context: ServerContext) async throws -> Cairn_V1_ListKeysResponse {
    try await queries.listKeys(request)
  }

  func getAuthority(request: Cairn_V1_GetAuthorityRequest, context: ServerContext) async throws
    -> Cairn_V1_GetAuthorityResponse
  {
    try await queries.getAuthority(request)
  }

  func listProposals(request: Cairn_V1_ListProposalsRequest, context: ServerContext) async throws
    -> Cairn_V1_ListProposalsResponse
  {
    try await queries.listProposals(request)
  }

  func getProposal(request: Cairn_V1_GetProposalRequest, context: ServerContext) async throws
    -> Cairn_V1_GetProposalResponse
  {
    try await queries.getProposal(request)
  }

  func whoAmI(request: Cairn_V1_WhoAmIRequest, context: ServerContext) async throws -> Cairn_V1_WhoAmIResponse {
    try await queries.whoAmI(request, by: .current, identifiedBy: .current)
  }
}
