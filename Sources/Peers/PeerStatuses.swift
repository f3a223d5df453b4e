import Synchronization
package import Wire

extension Sequence where Element: Peer {
  /// What these nodes say of themselves, all asked at once, in any order. Who gives no answer within twenty seconds is left out.
  package func statuses() async -> [Cairn_V1_GetNodeStatusResponse] {
    await withTaskGroup(of: Cairn_V1_GetNodeStatusResponse?.self) { group in
      for peer in self {
        group.addTask {
          let answer = Mutex<Cairn_V1_GetNodeStatusResponse?>(nil)
          try? await Patience().with(ContinuousClock()) {
            let status = try await peer.status()
            answer.withLock { $0 = status }
          }
          return answer.withLock { $0 }
        }
      }
      return await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
    }
  }
}
