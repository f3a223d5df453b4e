import GRPCCore
import WireRPC

/// The services this server has.
package enum RPCServiceNames {
  /// Full names, for example `cairn.v1.LedgerService`.
  package static let all = [
    Cairn_V1_LedgerService.descriptor,
    Cairn_V1_ProvenanceService.descriptor,
    Cairn_V1_MasterDataService.descriptor,
    Cairn_V1_AuditService.descriptor,
    Cairn_V1_ConsortiumService.descriptor,
    Cairn_V1_SubscriptionService.descriptor,
    Cairn_V1_PeerService.descriptor,
    Grpc_Health_V1_Health.descriptor,
    Grpc_Reflection_V1_ServerReflection.descriptor,
    Grpc_Reflection_V1alpha_ServerReflection.descriptor,
  ].map(\.fullyQualifiedService)
}
