/// A unit of UN/CEFACT Recommendation 20 that converts exactly to others of its kind: what it measures is
/// (number + offset) × factor / divisor of the kind's base unit.
struct MeasureUnit: Sendable {
  /// What units that convert to each other measure.
  enum Kind: Sendable {
    case temperature, length, area, volume, mass, time, speed, pressure, density, energy, power, voltage, current
    case frequency, ratio
  }

  let kind: Kind
  let factor: WrittenNumber
  let divisor: WrittenNumber
  let offset: WrittenNumber

  private init?(_ kind: Kind, _ factor: String, over divisor: String = "1", offset: String = "0") {
    guard let factor = WrittenNumber(factor), let divisor = WrittenNumber(divisor), let offset = WrittenNumber(offset)
    else { return nil }
    self.kind = kind
    self.factor = factor
    self.divisor = divisor
    self.offset = offset
  }

  /// The unit of that code; nil for one that converts to no other here.
  static func named(_ code: String) -> MeasureUnit? { all[code] }

  private static let all: [String: MeasureUnit] = {
    var units = [
      "KEL": MeasureUnit(.temperature, "1"),
      "CEL": MeasureUnit(.temperature, "1", offset: "273.15"),
      "FAH": MeasureUnit(.temperature, "5", over: "9", offset: "459.67"),
      "KMH": MeasureUnit(.speed, "5", over: "18"),
      "KNT": MeasureUnit(.speed, "463", over: "900"),
    ].compactMapValues(\.self)
    for (kind, codes) in multiples {
      for (code, factor) in codes { units[code] = MeasureUnit(kind, factor) }
    }
    return units
  }()

  private static let multiples: [(Kind, [String: String])] = [
    (
      .length,
      [
        "MTR": "1", "KMT": "1e3", "DMT": "0.1", "CMT": "0.01", "MMT": "1e-3", "4H": "1e-6", "INH": "0.0254",
        "FOT": "0.3048", "YRD": "0.9144", "SMI": "1609.344", "NMI": "1852",
      ]
    ),
    (.area, ["MTK": "1", "KMK": "1e6", "HAR": "1e4", "DMK": "0.01", "CMK": "1e-4", "MMK": "1e-6"]),
    (
      .volume,
      [
        "MTQ": "1", "HLT": "0.1", "LTR": "1e-3", "DMQ": "1e-3", "DLT": "1e-4", "CLT": "1e-5", "MLT": "1e-6",
        "CMQ": "1e-6", "GLL": "0.003785411784", "GLI": "0.00454609",
      ]
    ),
    (
      .mass,
      [
        "KGM": "1", "TNE": "1e3", "GRM": "1e-3", "MGM": "1e-6", "MC": "1e-9", "LBR": "0.45359237",
        "ONZ": "0.028349523125",
      ]
    ),
    (.time, ["SEC": "1", "C26": "1e-3", "MIN": "60", "HUR": "3600", "DAY": "86400", "WEE": "604800"]),
    (.speed, ["MTS": "1", "HM": "0.44704"]),
    (
      .pressure,
      ["PAL": "1", "A97": "100", "MBR": "100", "KPA": "1e3", "BAR": "1e5", "MPA": "1e6", "ATM": "101325"]
    ),
    (.density, ["KMQ": "1", "GL": "1", "A93": "1e-3", "GP": "1e-6"]),
    (.energy, ["JOU": "1", "KJO": "1e3", "WHR": "3600", "KWH": "3.6e6"]),
    (.power, ["WTT": "1", "KWT": "1e3"]),
    (.voltage, ["VLT": "1", "2Z": "1e-3", "KVT": "1e3"]),
    (.current, ["AMP": "1", "4K": "1e-3"]),
    (.frequency, ["HTZ": "1", "KHZ": "1e3", "MHZ": "1e6", "A86": "1e9"]),
    (.ratio, ["C62": "1", "P1": "0.01", "NX": "1e-3", "59": "1e-6"]),
  ]
}
