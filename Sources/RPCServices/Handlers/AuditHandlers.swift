import Checkpoints
import GRPCCore
import Ordering
import Primitives
import Queries
import SwiftProtobuf
import Wire
import WireRPC

/// cairn.v1.AuditService: what it takes to check the log without trusting this server.
struct AuditHandlers: Cairn_V1_AuditService.SimpleServiceProtocol {
  let queries: Queries
  let orderer: Orderer

  func getCheckpoint(request: Cairn_V1_GetCheckpointRequest, context: ServerContext) async throws
    -> Cairn_V1_GetCheckpointResponse
  {
    try await queries.getCheckpoint(request)
  }

  func getInclusionProof(request: Cairn_V1_GetInclusionProofRequest, context: ServerContext) async throws
    -> Cairn_V1_GetInclusionProofResponse
  {
    try await queries.getInclusionProof(request)
  }

  func getConsistencyProof(request: Cairn_V1_GetConsistencyProofRequest, context: ServerContext) async throws
    -> Cairn_V1_GetConsistencyProofResponse
  {
    try await queries.getConsistencyProof(request)
  }

  func getEvidence(request: Cairn_V1_GetEvidenceRequest, context: ServerContext) async throws
    -> Cairn_V1_GetEvidenceResponse
  {
    try await queries.getEvidence(request, by: .current)
  }

  func listEquivocations(request: Cairn_V1_ListEquivocationsRequest, context: ServerContext) async throws
    -> Cairn_V1_ListEquivocationsResponse
  {
    try await queries.listEquivocations(request)
  }

  func addCosignature(request: Cairn_V1_AddCosignatureRequest, context: ServerContext) async throws
    -> Cairn_V1_AddCosignatureResponse
  {
    guard request.note.utf8.count <= SignedNote.maxByteCount else {
      throw Failure.malformed("NOTE_TOO_LONG", field: "note", "a note has at most \(SignedNote.maxByteCount) bytes")
    }
    orderer.receive(note: request.note)
    return .with { $0.certifiedSize = queries.certifiedSize }
  }
}
