package import Primitives
package import Provenance
import SwiftProtobuf
package import Wire

extension TraceQuestion {
  private static let usualDepth = 10
  private static let usualNodeCount = 1_000

  /// What a request asks; a failure names the field by its proto path.
  package init(_ request: Cairn_V1_TraceRequest) throws(Failure) {
    try self.init(
      item: try Self.item(request.item), direction: try Self.direction(request.direction),
      maximumDepth: request.maximumDepth == 0 ? Self.usualDepth : Int(request.maximumDepth),
      maximumNodes: request.maximumNodes == 0 ? Self.usualNodeCount : Int(request.maximumNodes),
      asOf: try Self.moment(request.hasAsOf ? request.asOf : nil, "as_of"),
      knownAt: try Self.moment(request.hasKnownAt ? request.knownAt : nil, "known_at"))
  }

  private static func item(_ text: String) throws(Failure) -> String {
    do { return try Identifier(text).canonical } catch {
      throw .malformed(error.reason, field: "item", error.message)
    }
  }

  /// A time in a request; malformed TIME_OUT_OF_RANGE.
  package static func moment(_ bound: Cairn_V1_TimeBound?, _ field: String) throws(Failure) -> Instant? {
    guard let bound else { return nil }
    let instant = Instant(microseconds: bound.microseconds)
    guard instant.isWithinCalendar else {
      throw .malformed(
        "TIME_OUT_OF_RANGE", field: "\(field).microseconds", "\(bound.microseconds); year 1 to 9999 expected")
    }
    return instant
  }

  private static func direction(_ wire: Cairn_V1_TraceDirection) throws(Failure) -> Direction {
    switch wire {
    case .back: .back
    case .forward: .forward
    case .both, .unspecified: .both
    case .UNRECOGNIZED(let number):
      throw .malformed("UNKNOWN_DIRECTION", field: "direction", "\(number); BACK, FORWARD or BOTH expected")
    }
  }

  /// The question as it is answered, with what there is of everything in `trace`.
  package func summary(of trace: Trace, logSize: UInt64) -> Cairn_V1_TraceSummary {
    .with {
      $0.item = item
      $0.direction =
        switch direction {
        case .back: .back
        case .forward: .forward
        case .both: .both
        }
      $0.maximumDepth = UInt32(clamping: maximumDepth)
      $0.maximumNodes = UInt32(clamping: maximumNodes)
      if let asOf { $0.asOf.microseconds = asOf.microseconds }
      if let knownAt { $0.knownAt.microseconds = knownAt.microseconds }
      $0.logSize = logSize
      $0.nodeCount = UInt32(clamping: trace.nodes.count)
      $0.edgeCount = UInt32(clamping: trace.edges.count)
      $0.stubCount = UInt32(clamping: trace.stubs.count)
      $0.eventCount = UInt32(clamping: trace.events.count)
      $0.consultedCount = UInt32(clamping: trace.consulted.count)
    }
  }
}
