/// Says that a trace ends at a node although there may be more.
package struct TraceStub: Hashable, Sendable {
  /// Why it ends there.
  package enum Reason: UInt8, Hashable, Sendable, CaseIterable {
    /// No event is known of it; or none that the asker may read, which looks the same.
    case unknown
    /// Some events may be read and others may not.
    case forbidden
    /// More links lead on than may be followed.
    case depthLimit
    /// It leads to things for which there was no room.
    case nodeLimit
    /// It has more events than the source gives.
    case eventLimit
  }

  /// The number of the node.
  package let node: Int
  /// Why it ends there.
  package let reason: Reason

  /// An end of the trace.
  package init(node: Int, reason: Reason) {
    self.node = node
    self.reason = reason
  }
}
