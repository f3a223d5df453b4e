import Primitives
import Wire

extension Cairn_V1_EventFilter {
  /// `HASATTR_readPoint`, `EQATTR_bizLocation_cbvmda:city`; the standard's query schema spells the latter `EQ_ATTR_`.
  mutating func addAttribute(_ parameter: Parameter) throws(Failure) -> Bool {
    var name = parameter.name
    if name.take("HASATTR_") {
      var condition = Cairn_V1_AttributeCondition()
      if let part = Self.describedParts[name] {
        condition.part = part
      } else {
        guard name.contains(":") else { throw parameter.undescribed }
        condition.field = name
      }
      condition.names = parameter.values
      attributes.append(condition)
      return true
    }
    guard name.take("EQATTR_") || name.take("EQ_ATTR_") else { return false }
    var condition = try Self.attribute(name, parameter)
    condition.test = try Self.test(parameter)
    attributes.append(condition)
    return true
  }

  private static let describedParts: [String: Cairn_V1_DescribedPart] = [
    "readPoint": .readPoint, "bizLocation": .bizLocation, "source": .source, "destination": .destination,
    "epcClass": .epcClass,
  ]

  /// `readPoint_cbvmda:city`, `example:yard_cbvmda:city`: the standard lets names with underscores be refused where they
  /// leave it open which name ends where.
  private static func attribute(
    _ name: String, _ parameter: Parameter
  ) throws(Failure) -> Cairn_V1_AttributeCondition {
    var condition = Cairn_V1_AttributeCondition()
    let (field, attribute) = name.split(at: "_")
    if let part = describedParts[field] {
      condition.part = part
    } else {
      guard field.contains(":") else { throw parameter.undescribed }
      guard !attribute.contains("_") else { throw parameter.ambiguous }
      condition.field = field
    }
    condition.names = [attribute]
    return condition
  }

  private static func test(
    _ parameter: Parameter
  ) throws(Failure) -> Cairn_V1_AttributeCondition.OneOf_Test? {
    switch try test(.equal, parameter) {
    case .texts(let texts): .texts(texts)
    case .number(let number): .number(number)
    case .time(let time): .time(time)
    case nil: nil
    }
  }
}

extension Parameter {
  fileprivate var undescribed: Failure {
    .malformed(
      "UNSUPPORTED_PARAMETER", field: String(name.prefix(64)),
      "asks for master data of something that has none in this ledger: readPoint, bizLocation, source, destination, epcClass "
        + "and extension fields, as in HASATTR_example:yard, may name what is described")
  }

  fileprivate var ambiguous: Failure {
    .malformed(
      "AMBIGUOUS_PARAMETER", field: String(name.prefix(64)),
      "has several underscores, so that it is open where the field's name ends; ask by EventFilter.attributes")
  }
}
