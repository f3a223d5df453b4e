import Primitives
import Wire

/// A comparison of one of a sensor report's numbers.
struct ReadingTest: Sendable {
  private let kind: Cairn_V1_ReadingKind
  private let measure: MeasureComparison

  init(_ wire: Cairn_V1_ReadingCondition) throws(Failure) {
    switch wire.kind {
    case .unspecified, .UNRECOGNIZED:
      throw .malformed("UNKNOWN_READING_KIND", field: "kind", "is none of the numbers of a sensor report")
    case .percRank where !wire.uom.isEmpty:
      throw .malformed("MISPLACED_FIELD", field: "uom", "must be empty: a percentile rank has no unit")
    case .percRank, .value, .minValue, .maxValue, .meanValue, .sDev, .percValue: kind = wire.kind
    }
    measure = try MeasureComparison(wire.number, uom: wire.uom, isDifference: wire.kind == .sDev)
  }

  func holds(for report: Cairn_V1_SensorReport) -> Bool { measure.holds(for: number(of: report), uom: report.uom) }

  private func number(of report: Cairn_V1_SensorReport) -> String {
    switch kind {
    case .value: report.value
    case .minValue: report.minValue
    case .maxValue: report.maxValue
    case .meanValue: report.meanValue
    case .sDev: report.sDev
    case .percRank: report.percRank
    case .percValue: report.percValue
    case .unspecified, .UNRECOGNIZED: ""
    }
  }
}
