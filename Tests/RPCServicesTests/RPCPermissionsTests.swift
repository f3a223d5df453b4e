import Consortium
import GRPCCore
import Primitives
import Testing
import WireRPC

@testable import RPCServices

@Suite struct RPCPermissionsTests {
  private static let services: [(ServiceDescriptor, [MethodDescriptor])] = [
    (Cairn_V1_LedgerService.descriptor, Cairn_V1_LedgerService.Method.descriptors),
    (Cairn_V1_ProvenanceService.descriptor, Cairn_V1_ProvenanceService.Method.descriptors),
    (Cairn_V1_MasterDataService.descriptor, Cairn_V1_MasterDataService.Method.descriptors),
    (Cairn_V1_AuditService.descriptor, Cairn_V1_AuditService.Method.descriptors),
    (Cairn_V1_ConsortiumService.descriptor, Cairn_V1_ConsortiumService.Method.descriptors),
    (Cairn_V1_SubscriptionService.descriptor, Cairn_V1_SubscriptionService.Method.descriptors),
    (Cairn_V1_PeerService.descriptor, Cairn_V1_PeerService.Method.descriptors),
    (Grpc_Health_V1_Health.descriptor, Grpc_Health_V1_Health.Method.descriptors),
    (Grpc_Reflection_V1_ServerReflection.descriptor, Grpc_Reflection_V1_ServerReflection.Method.descriptors),
    (Grpc_Reflection_V1alpha_ServerReflection.descriptor, Grpc_Reflection_V1alpha_ServerReflection.Method.descriptors),
  ]

  /// What only registered keys may call that are more than a device.
  private static let forMembers =
    ["cairn.v1.LedgerService/WatchLog", "cairn.v1.AuditService/ListEquivocations"]
    + Cairn_V1_SubscriptionService.Method.descriptors.map(\.fullyQualifiedMethod)

  /// What only the members' nodes may call.
  private static let forNodes = ["cairn.v1.PeerService/ListBatches", "cairn.v1.PeerService/GetConsensusState"]

  private func reason(_ method: MethodDescriptor, _ roles: Roles?) -> String? {
    do throws(Failure) {
      try RPCPermissions.require(method, of: roles)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func everyMethodThatIsServedIsListedAndNoOther() {
    #expect(Self.services.map(\.0.fullyQualifiedService) == RPCServiceNames.all)
    #expect(Set(RPCPermissions.table.keys) == Set(Self.services.flatMap(\.1)))
  }

  @Test(arguments: Role.allCases)
  func theWholeMatrix(role: Role) {
    for method in Self.services.flatMap(\.1) {
      let isForNodes = Self.forNodes.contains(method.fullyQualifiedMethod)
      let isForMembers = isForNodes || Self.forMembers.contains(method.fullyQualifiedMethod)
      #expect(reason(method, nil) == (isForMembers ? "IDENTITY_REQUIRED" : nil), "\(method) by anyone")
      let forbidden = isForNodes ? role != .node : isForMembers && role == .device
      #expect(reason(method, [role]) == (forbidden ? "ROLE_FORBIDS_CALL" : nil), "\(method) by \(role)")
      #expect(
        reason(method, [role, .device]) == (forbidden ? "ROLE_FORBIDS_CALL" : nil), "\(method) by \(role), device")
      #expect(reason(method, []) == (isForMembers ? "ROLE_FORBIDS_CALL" : nil), "\(method) by a key without a role")
    }
  }

  @Test func whatIsNotListedIsForNobody() {
    let method = MethodDescriptor(fullyQualifiedService: "cairn.v1.LedgerService", method: "Erase")
    #expect(reason(method, nil) == "CALL_NOT_PERMITTED")
    #expect(reason(method, Roles(Role.allCases)) == "CALL_NOT_PERMITTED")
  }
}
