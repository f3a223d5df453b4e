import SeededRandom
import SwiftProtobuf
import Wire

/// Events with any fields present, any text, any extensions: shapes no hand would write.
struct RandomEvents {
  var generator: SplitMix64

  mutating func event() -> Cairn_V1_Event {
    var event = Cairn_V1_Event()
    event.type = pick([.object, .aggregation, .transaction, .transformation, .association])
    event.eventTime = time()
    event.action = pick([.unspecified, .add, .observe, .delete])
    event.eventID = maybeText()
    event.recordTime = maybeText()
    event.parentID = maybeText()
    event.transformationID = maybeText()
    event.bizStep = maybeText()
    event.disposition = maybeText()
    if chance { event.epcList.items = texts() }
    if chance { event.childEpcs.items = texts() }
    if chance { event.inputEpcList.items = texts() }
    if chance { event.outputEpcList.items = texts() }
    if chance { event.quantityList.quantities = many { $0.quantity() } }
    if chance { event.childQuantityList.quantities = many { $0.quantity() } }
    if chance { event.inputQuantityList.quantities = many { $0.quantity() } }
    if chance { event.outputQuantityList.quantities = many { $0.quantity() } }
    fillCircumstances(&event)
    event.extensions = extensions()
    event.contexts = [context()] + many { $0.context() }
    return event
  }

  private mutating func fillCircumstances(_ event: inout Cairn_V1_Event) {
    if chance { event.readPoint = location() }
    if chance { event.bizLocation = location() }
    if chance {
      event.persistentDisposition = Cairn_V1_PersistentDisposition()
      if chance { event.persistentDisposition.set = textList() }
      if chance { event.persistentDisposition.unset = textList() }
    }
    if chance { event.bizTransactionList.bizTransactions = many { $0.transaction() } }
    if chance { event.sourceList.sources = many { $0.source() } }
    if chance { event.destinationList.destinations = many { $0.destination() } }
    if chance { event.sensorElementList.elements = many { $0.sensorElement() } }
    if chance { event.ilmd.extensions = extensions() }
    if chance { event.certificationInfo = textList() }
    if chance {
      event.errorDeclaration.declarationTime = text()
      event.errorDeclaration.reason = maybeText()
      if chance { event.errorDeclaration.correctiveEventIds = textList() }
      event.errorDeclaration.extensions = extensions()
    }
  }
}

extension RandomEvents {
  private var chance: Bool {
    mutating get { Bool.random(using: &generator) }
  }

  private mutating func pick<Item>(_ items: [Item]) -> Item {
    items[Int.random(in: 0..<items.count, using: &generator)]
  }

  private mutating func many<Item>(_ make: (inout RandomEvents) -> Item) -> [Item] {
    (0..<Int.random(in: 0...3, using: &generator)).map { _ in make(&self) }
  }

  private mutating func text() -> String {
    let alphabet: [Character] = [
      "a", "Z", "0", ":", "/", "~", "\"", "\\", "\n", "\0", "\u{7F}", "é", "e\u{301}", "🌿", "\u{2028}", " ",
    ]
    return String((0...Int.random(in: 0...12, using: &generator)).map { _ in pick(alphabet) })
  }

  private mutating func maybeText() -> String { chance ? text() : "" }

  private mutating func texts() -> [String] { many { $0.text() } }

  private mutating func textList() -> Cairn_V1_TextList {
    .with {
      $0.scalar = chance
      $0.values = $0.scalar ? [text()] : texts()
    }
  }

  private mutating func number() -> String {
    pick(["0", "-0", "1", "0.10", "1.50E+3", "-2e-7", "12345678901234567890.5"])
  }

  private mutating func maybeNumber() -> String { chance ? number() : "" }

  private mutating func time() -> Cairn_V1_EventTime {
    let day = Int.random(in: 1...28, using: &generator)
    let digits = pick(["", ".5", ".000001", ".1234567"])
    let texts = (
      time: "2026-01-\(day < 10 ? "0" : "")\(day)T00:00:00\(digits)Z",
      offset: pick(["Z", "+01:00", "-03:30", "+14:00"])
    )
    return .with {
      $0.microseconds = 1_767_225_600_000_000 + Int64(day - 1) * 86_400_000_000
      $0.microseconds += ["": 0, ".5": 500_000, ".000001": 1, ".1234567": 123_456][digits] ?? 0
      $0.text = texts.time
      $0.offsetText = texts.offset
      $0.offsetMinutes = ["Z": 0, "+01:00": 60, "-03:30": -210, "+14:00": 840][texts.offset] ?? 0
    }
  }

  private mutating func quantity() -> Cairn_V1_Quantity {
    .with {
      $0.epcClass = text()
      $0.quantity = maybeNumber()
      $0.uom = maybeText()
    }
  }

  private mutating func location() -> Cairn_V1_Location {
    .with {
      $0.id = text()
      $0.extensions = extensions()
    }
  }

  private mutating func transaction() -> Cairn_V1_BizTransaction {
    .with {
      $0.type = maybeText()
      $0.bizTransaction = text()
    }
  }

  private mutating func source() -> Cairn_V1_Source {
    .with {
      $0.type = text()
      $0.source = text()
    }
  }

  private mutating func destination() -> Cairn_V1_Destination {
    .with {
      $0.type = text()
      $0.destination = text()
    }
  }

  private mutating func sensorElement() -> Cairn_V1_SensorElement {
    var element = Cairn_V1_SensorElement()
    if chance {
      element.metadata.time = maybeText()
      element.metadata.startTime = maybeText()
      element.metadata.endTime = maybeText()
      element.metadata.deviceID = maybeText()
      element.metadata.deviceMetadata = maybeText()
      element.metadata.rawData = maybeText()
      element.metadata.dataProcessingMethod = maybeText()
      element.metadata.bizRules = maybeText()
      element.metadata.extensions = extensions()
    }
    element.reports = many { $0.sensorReport() }
    element.extensions = extensions()
    return element
  }

  private mutating func sensorReport() -> Cairn_V1_SensorReport {
    var report = Cairn_V1_SensorReport()
    report.type = maybeText()
    report.exception = maybeText()
    report.deviceID = maybeText()
    report.deviceMetadata = maybeText()
    report.rawData = maybeText()
    report.dataProcessingMethod = maybeText()
    report.time = maybeText()
    report.microorganism = maybeText()
    report.chemicalSubstance = maybeText()
    report.value = maybeNumber()
    report.component = maybeText()
    if chance { report.stringValue.value = maybeText() }
    if chance { report.booleanValue.value = chance }
    report.hexBinaryValue = maybeText()
    report.uriValue = maybeText()
    report.minValue = maybeNumber()
    report.maxValue = maybeNumber()
    report.meanValue = maybeNumber()
    report.sDev = maybeNumber()
    report.percRank = maybeNumber()
    report.percValue = maybeNumber()
    report.uom = maybeText()
    report.coordinateReferenceSystem = maybeText()
    report.extensions = extensions()
    return report
  }

  private mutating func extensions() -> [Cairn_V1_Extension] {
    many { $0.text() }.enumerated().map { index, name in property("x\(index):\(name)", depth: 0) }
  }

  private mutating func property(_ name: String, depth: Int) -> Cairn_V1_Extension {
    .with {
      $0.name = name
      $0.value = value(depth: depth)
    }
  }

  private mutating func value(depth: Int) -> Cairn_V1_ExtensionValue {
    var value = Cairn_V1_ExtensionValue()
    switch Int.random(in: 0..<(depth < 5 ? 6 : 4), using: &generator) {
    case 0: value.text = maybeText()
    case 1: value.number = number()
    case 2: value.boolean = chance
    case 3: value.null = .unspecified
    case 4: value.list = .with { $0.values = many { $0.value(depth: depth + 1) } }
    default: value.object = members(depth: depth + 1)
    }
    return value
  }

  private mutating func members(depth: Int) -> Cairn_V1_Extensions {
    let names = many { $0.maybeText() }.enumerated().map { index, name in "\(name)\(index == 0 ? "" : "\(index)")" }
    var object = Cairn_V1_Extensions()
    for name in Set(names).sorted() { object.extensions.append(property(name, depth: depth)) }
    return object
  }

  private mutating func context() -> Cairn_V1_Context {
    var context = Cairn_V1_Context()
    if chance { context.url = text() } else { context.terms = members(depth: 3) }
    return context
  }
}
