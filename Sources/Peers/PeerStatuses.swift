import Synchronization
package import Wire

/// What other members' nodes say of themselves.
package enum PeerStatuses {
  /// Asks all at once, as patiently as when they are fetched from, and hands on each answer when it comes. Who gives none is left out.
  static func ask(
    _ peers: [any Peer], clock: any Clock<Duration>, take: @escaping @Sendable (Cairn_V1_GetNodeStatusResponse) -> Void
  ) async {
    await withTaskGroup(of: Void.self) { group in
      for peer in peers {
        group.addTask { try? await Patience().with(clock) { take(try await peer.status()) } }
      }
    }
  }

  /// The answers, in the order in which they came.
  package static func all(of peers: [any Peer]) async -> [Cairn_V1_GetNodeStatusResponse] {
    let answers = Mutex<[Cairn_V1_GetNodeStatusResponse]>([])
    await ask(peers, clock: ContinuousClock()) { status in answers.withLock { $0.append(status) } }
    return answers.withLock { $0 }
  }
}
