import Wire

/// The words of a trace, for people and for programs.
enum TraceWords {
  /// Why it ends.
  static func stub(_ reason: Cairn_V1_TraceStubReason, _ summary: Cairn_V1_TraceSummary) -> String {
    switch reason {
    case .unknown: "UNKNOWN: no event of it is open to you"
    case .forbidden: "FORBIDDEN: it has other events, which are not open to you"
    case .depthLimit: "DEPTH_LIMIT: it goes on; --depth \(summary.maximumDepth) ends here"
    case .nodeLimit: "NODE_LIMIT: it goes on; --nodes \(summary.maximumNodes.grouped) leaves no room"
    case .eventLimit: "EVENT_LIMIT: it has more events than are looked at"
    case .unspecified, .UNRECOGNIZED: "it goes on"
    }
  }

  /// For example `DEPTH_LIMIT`.
  static func word(_ reason: Cairn_V1_TraceStubReason) -> String {
    switch reason {
    case .unknown: "UNKNOWN"
    case .forbidden: "FORBIDDEN"
    case .depthLimit: "DEPTH_LIMIT"
    case .nodeLimit: "NODE_LIMIT"
    case .eventLimit: "EVENT_LIMIT"
    case .unspecified, .UNRECOGNIZED: "UNSPECIFIED"
    }
  }

  /// For example `TRANSFORMATION`.
  static func word(_ kind: Cairn_V1_TraceNodeKind) -> String {
    switch kind {
    case .item: "ITEM"
    case .place: "PLACE"
    case .transaction: "TRANSACTION"
    case .transformation: "TRANSFORMATION"
    case .unspecified, .UNRECOGNIZED: "UNSPECIFIED"
    }
  }

  /// For example `CONTAINED`.
  static func word(_ kind: Cairn_V1_TraceEdgeKind) -> String {
    switch kind {
    case .contained: "CONTAINED"
    case .associated: "ASSOCIATED"
    case .transformed: "TRANSFORMED"
    case .transacted: "TRANSACTED"
    case .unspecified, .UNRECOGNIZED: "UNSPECIFIED"
    }
  }

  /// For example `WITHDRAWN`.
  static func word(_ standing: Cairn_V1_EventStanding) -> String {
    switch standing {
    case .effective: "EFFECTIVE"
    case .withdrawn: "WITHDRAWN"
    case .declaration: "DECLARATION"
    case .unspecified, .UNRECOGNIZED: "UNSPECIFIED"
    }
  }

  /// For example `BACK`.
  static func word(_ direction: Cairn_V1_TraceDirection) -> String {
    switch direction {
    case .back: "BACK"
    case .forward: "FORWARD"
    case .both, .unspecified, .UNRECOGNIZED: "BOTH"
    }
  }
}
