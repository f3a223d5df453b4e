import Primitives
import SwiftProtobuf
import Wire

extension Cairn_V1_EventFilter {
  /// Parameters whose names are made of parts: quantities, readings, references and extension fields.
  mutating func addFamily(_ parameter: Parameter) throws(Failure) -> Bool {
    if try addAttribute(parameter) { return true }
    let (family, rest) = parameter.name.split(at: "_")
    guard !rest.isEmpty, let comparison = Self.comparisons[family] else { return false }
    if addMeasure(comparison, rest, parameter) || addReference(comparison, rest, parameter) { return true }
    return try addField(comparison, rest, parameter)
  }

  /// What the names begin with; unspecified stands for EXISTS.
  private static let comparisons: [String: Cairn_V1_Comparison] = [
    "EQ": .equal, "GT": .greater, "GE": .greaterOrEqual, "LT": .less, "LE": .lessOrEqual, "EXISTS": .unspecified,
  ]

  private static let readings: [String: Cairn_V1_ReadingKind] = [
    "value": .value, "minValue": .minValue, "maxValue": .maxValue, "meanValue": .meanValue, "sDev": .sDev,
    "percRank": .percRank, "percValue": .percValue,
  ]

  /// `quantity`, `quantity_KGM`, `value_CEL`, `percRank`.
  private mutating func addMeasure(
    _ comparison: Cairn_V1_Comparison, _ name: String, _ parameter: Parameter
  ) -> Bool {
    let (what, uom) = name.split(at: "_")
    guard comparison != .unspecified, what == "quantity" || Self.readings[what] != nil else { return false }
    let number = Cairn_V1_NumberComparison.with {
      $0.comparison = comparison
      $0.values = parameter.values
    }
    if let kind = Self.readings[what] {
      sensors.readings.append(
        .with {
          $0.kind = kind
          $0.number = number
          $0.uom = uom
        })
    } else {
      quantities.append(
        .with {
          $0.number = number
          $0.uom = uom
        })
    }
    return true
  }

  /// `bizTransaction_po`, `source_owning_party`, `destination_location`.
  private mutating func addReference(
    _ comparison: Cairn_V1_Comparison, _ name: String, _ parameter: Parameter
  ) -> Bool {
    let (list, type) = name.split(at: "_")
    guard comparison == .equal, !type.isEmpty else { return false }
    switch list {
    case "bizTransaction": bizTransactions.add(type, parameter.values)
    case "source": sources.add(type, parameter.values)
    case "destination": destinations.add(type, parameter.values)
    default: return false
    }
    return true
  }

  private static let parts: [(word: String, part: Cairn_V1_FieldPart)] = [
    ("ILMD_", .ilmd), ("ERROR_DECLARATION_", .errorDeclaration), ("readPoint_", .readPoint),
    ("bizLocation_", .bizLocation), ("SENSORELEMENT_", .sensorElement), ("SENSORMETADATA_", .sensorMetadata),
    ("SENSORREPORT_", .sensorReport),
  ]

  /// `example:colour`, `INNER_ILMD_example:colour`.
  private mutating func addField(
    _ comparison: Cairn_V1_Comparison, _ name: String, _ parameter: Parameter
  ) throws(Failure) -> Bool {
    var name = name
    var field = Cairn_V1_FieldCondition()
    field.inner = name.take("INNER_")
    for (word, part) in Self.parts where name.take(word) {
      field.part = part
      break
    }
    guard name.contains(":") else { return false }
    field.name = name
    field.test = try Self.test(comparison, parameter)
    fields.append(field)
    return true
  }

  /// What the value must be: of numbers and times the meaning is compared, not the spelling.
  static func test(
    _ comparison: Cairn_V1_Comparison, _ parameter: Parameter
  ) throws(Failure) -> Cairn_V1_FieldCondition.OneOf_Test? {
    if comparison == .unspecified { return nil }
    if parameter.values.allSatisfy({ WrittenNumber($0) != nil }) {
      return .number(
        .with {
          $0.comparison = comparison
          $0.values = parameter.values
        })
    }
    if let time = try? Timestamp(parameter.text).instant {
      return .time(
        .with {
          $0.comparison = comparison
          $0.microseconds = time.microseconds
        })
    }
    guard comparison == .equal else { throw parameter.invalid("is neither a number nor a time, RFC 3339") }
    return .texts(.with { $0.values = parameter.values })
  }
}

extension [Cairn_V1_ReferenceCondition] {
  /// Values of one type stand together: any of them may match.
  fileprivate mutating func add(_ type: String, _ values: [String]) {
    if let index = firstIndex(where: { $0.type == type }) {
      self[index].values += values
    } else {
      append(
        .with {
          $0.type = type
          $0.values = values
        })
    }
  }
}

extension String {
  /// What stands before and behind the first separator; nothing behind where there is none.
  func split(at separator: Character) -> (String, String) {
    guard let index = firstIndex(of: separator) else { return (self, "") }
    return (String(self[..<index]), String(self[self.index(after: index)...]))
  }

  /// Takes a word off the beginning, if it is there.
  mutating func take(_ word: String) -> Bool {
    guard hasPrefix(word) else { return false }
    removeFirst(word.count)
    return true
  }
}
