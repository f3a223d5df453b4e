package import Consortium
package import GRPCCore
package import Primitives
import WireRPC

/// Who may call what. A method that is not listed may be called by nobody.
package enum RPCPermissions {
  /// Whom a method serves.
  package enum Permission: Hashable, Sendable {
    /// Everybody, also without an identity; what the answer shows may still depend on who asks.
    case anyone
    /// The holder of a key in force with at least one of these roles.
    case roles(Roles)
  }

  /// Everybody but a key that is a device and nothing else.
  private static let members = Permission.roles(Roles(Role.allCases).subtracting([.device]))

  /// The members' nodes.
  private static let nodes = Permission.roles([.node])

  private typealias Ledger = Cairn_V1_LedgerService.Method
  private typealias Provenance = Cairn_V1_ProvenanceService.Method
  private typealias MasterData = Cairn_V1_MasterDataService.Method
  private typealias Audit = Cairn_V1_AuditService.Method
  private typealias Consortium = Cairn_V1_ConsortiumService.Method
  private typealias Subscription = Cairn_V1_SubscriptionService.Method
  private typealias Peer = Cairn_V1_PeerService.Method
  private typealias Health = Grpc_Health_V1_Health.Method
  private typealias Reflection = Grpc_Reflection_V1_ServerReflection.Method
  private typealias ReflectionAlpha = Grpc_Reflection_V1alpha_ServerReflection.Method

  /// The permission of each method.
  package static let table: [MethodDescriptor: Permission] = [
    Ledger.GetLedger.descriptor: .anyone,
    Ledger.GetAuthor.descriptor: .anyone,
    Ledger.GetReceipt.descriptor: .anyone,
    // A batch is its own credential: its author's signature is what lets it in.
    Ledger.Submit.descriptor: .anyone,
    Ledger.SubmitStream.descriptor: .anyone,
    Ledger.WatchLog.descriptor: members,
    Provenance.QueryEvents.descriptor: .anyone,
    Provenance.ListItemHistory.descriptor: .anyone,
    Provenance.Trace.descriptor: .anyone,
    Provenance.GetItem.descriptor: .anyone,
    MasterData.GetMasterData.descriptor: .anyone,
    MasterData.ListMasterData.descriptor: .anyone,
    MasterData.ListMasterDataVersions.descriptor: .anyone,
    Audit.GetCheckpoint.descriptor: .anyone,
    Audit.GetInclusionProof.descriptor: .anyone,
    Audit.GetConsistencyProof.descriptor: .anyone,
    Audit.GetEvidence.descriptor: .anyone,
    Audit.ListEquivocations.descriptor: members,
    Audit.AddCosignature.descriptor: .anyone,
    // Rules bind everyone, so everyone may read them.
    Consortium.GetConsortium.descriptor: .anyone,
    Consortium.ListKeys.descriptor: .anyone,
    Consortium.GetAuthority.descriptor: .anyone,
    Consortium.ListProposals.descriptor: .anyone,
    Consortium.GetProposal.descriptor: .anyone,
    Consortium.WhoAmI.descriptor: .anyone,
    Subscription.CreateSubscription.descriptor: members,
    Subscription.GetSubscription.descriptor: members,
    Subscription.ListSubscriptions.descriptor: members,
    Subscription.DeleteSubscription.descriptor: members,
    Subscription.Receive.descriptor: members,
    Subscription.Acknowledge.descriptor: members,
    Peer.GetNodeStatus.descriptor: .anyone,
    Peer.ListDivergences.descriptor: .anyone,
    // Full copies hold what is confidential.
    Peer.ListBatches.descriptor: nodes,
    Peer.GetConsensusState.descriptor: nodes,
    Health.Check.descriptor: .anyone,
    Health.List.descriptor: .anyone,
    Health.Watch.descriptor: .anyone,
    Reflection.ServerReflectionInfo.descriptor: .anyone,
    ReflectionAlpha.ServerReflectionInfo.descriptor: .anyone,
  ]

  /// Refuses what a caller with these roles may not call; nil means a caller without an identity.
  package static func require(_ method: MethodDescriptor, of roles: Roles?) throws(Failure) {
    switch table[method] {
    case .anyone:
      return
    case .roles(let needed):
      guard let roles else {
        throw Failure(
          .unauthenticated, "IDENTITY_REQUIRED",
          "\(method.fullyQualifiedMethod) is for registered keys with \(words(needed)); present a client certificate of "
            + "such a key, or a bearer token that it signed")
      }
      guard roles.isDisjoint(with: needed) else { return }
      throw Failure(
        .forbidden, "ROLE_FORBIDS_CALL",
        "\(method.fullyQualifiedMethod) is for keys with \(words(needed)); this key has \(words(roles))")
    case nil:
      throw Failure(
        .forbidden, "CALL_NOT_PERMITTED", "\(method.fullyQualifiedMethod) is not open to anybody on this server")
    }
  }

  private static func words(_ roles: Roles) -> String {
    roles.isEmpty ? "no role in force" : "role \(roles)"
  }
}
