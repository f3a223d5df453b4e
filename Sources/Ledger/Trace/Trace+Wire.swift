import Primitives
package import Provenance
import SwiftProtobuf
package import Wire

extension TraceNode {
  /// The node as answers show it.
  package var wire: Cairn_V1_TraceNode {
    .with {
      $0.kind = kind.wire
      $0.id = id
      $0.depth = UInt32(clamping: depth)
      $0.windows = windows.map(\.wire)
      $0.events = events.map(UInt32.init(clamping:))
    }
  }
}

extension TraceNode.Kind {
  /// The kind as answers show it.
  package var wire: Cairn_V1_TraceNodeKind {
    switch self {
    case .item: .item
    case .place: .place
    case .transaction: .transaction
    case .transformation: .transformation
    }
  }
}

extension TraceEdge {
  /// The edge as answers show it, with some of its spans.
  package func wire(_ spans: some Sequence<TraceSpan>) -> Cairn_V1_TraceEdge {
    .with {
      $0.kind = kind.wire
      $0.fromNode = UInt32(clamping: from)
      $0.toNode = UInt32(clamping: to)
      $0.spans = spans.map(\.wire)
    }
  }
}

extension TraceEdge.Kind {
  /// The kind as answers show it.
  package var wire: Cairn_V1_TraceEdgeKind {
    switch self {
    case .contained: .contained
    case .associated: .associated
    case .transformed: .transformed
    case .transacted: .transacted
    }
  }
}

extension TraceSpan {
  /// The span as answers show it.
  package var wire: Cairn_V1_TraceSpan {
    .with {
      $0.during = during.wire
      $0.quantities = quantities.map(\.wire)
      $0.openedBy = UInt32(clamping: openedBy)
      if let closedBy { $0.closedBy = UInt32(clamping: closedBy) }
    }
  }
}

extension TraceQuantity {
  /// The amount as answers show it.
  package var wire: Cairn_V1_TraceQuantity {
    .with {
      $0.number = number
      $0.uom = uom
    }
  }
}

extension TraceStub {
  /// The stub as answers show it.
  package var wire: Cairn_V1_TraceStub {
    .with {
      $0.node = UInt32(clamping: node)
      $0.reason = reason.wire
    }
  }
}

extension TraceStub.Reason {
  fileprivate var wire: Cairn_V1_TraceStubReason {
    switch self {
    case .unknown: .unknown
    case .forbidden: .forbidden
    case .depthLimit: .depthLimit
    case .nodeLimit: .nodeLimit
    case .eventLimit: .eventLimit
    }
  }
}

extension TraceEvent.Standing {
  /// The standing as answers show it.
  package var wire: Cairn_V1_EventStanding {
    switch self {
    case .effective: .effective
    case .withdrawn: .withdrawn
    case .declaration: .declaration
    }
  }
}

extension TimeRange {
  /// The range as answers show it.
  package var wire: Cairn_V1_TimeWindow {
    .with {
      if let from { $0.from.microseconds = from.microseconds }
      if let before { $0.before.microseconds = before.microseconds }
    }
  }
}
