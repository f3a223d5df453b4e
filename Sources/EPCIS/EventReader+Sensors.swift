import Primitives
import Wire

extension EventReader {
  mutating func sensorElements(_ node: JSONNode) throws(Failure) -> Cairn_V1_SensorElementList {
    var list = Cairn_V1_SensorElementList()
    for element in try node.elements() { list.elements.append(try sensorElement(element)) }
    return list
  }

  private mutating func sensorElement(_ node: JSONNode) throws(Failure) -> Cairn_V1_SensorElement {
    var element = Cairn_V1_SensorElement()
    for (name, member) in try node.members() {
      switch name {
      case "sensorMetadata": element.metadata = try sensorMetadata(member)
      case "sensorReport":
        for report in try member.elements() { element.reports.append(try sensorReport(report)) }
      case "type", "isA", "@type": element.extensions.append(try property(name, member))
      default: element.extensions.append(try userExtension(name, member))
      }
    }
    if node.member("sensorReport") == nil { throw node.missing("sensorReport") }
    return element
  }

  private mutating func sensorMetadata(_ node: JSONNode) throws(Failure) -> Cairn_V1_SensorMetadata {
    var metadata = Cairn_V1_SensorMetadata()
    for (name, member) in try node.members() {
      switch name {
      case "time": metadata.time = try member.text()
      case "startTime": metadata.startTime = try member.text()
      case "endTime": metadata.endTime = try member.text()
      case "deviceID": metadata.deviceID = try member.text()
      case "deviceMetadata": metadata.deviceMetadata = try member.text()
      case "rawData": metadata.rawData = try member.text()
      case "dataProcessingMethod": metadata.dataProcessingMethod = try member.text()
      case "bizRules": metadata.bizRules = try member.text()
      default: metadata.extensions.append(try userExtension(name, member))
      }
    }
    return metadata
  }

  private mutating func sensorReport(_ node: JSONNode) throws(Failure) -> Cairn_V1_SensorReport {
    var report = Cairn_V1_SensorReport()
    for (name, member) in try node.members() {
      guard try !readText(name, member, &report), try !readValue(name, member, &report) else { continue }
      report.extensions.append(try userExtension(name, member))
    }
    return report
  }

  private func readText(
    _ name: String, _ node: JSONNode, _ report: inout Cairn_V1_SensorReport
  ) throws(Failure) -> Bool {
    switch name {
    case "type": report.type = try node.text()
    case "exception": report.exception = try node.text()
    case "deviceID": report.deviceID = try node.text()
    case "deviceMetadata": report.deviceMetadata = try node.text()
    case "rawData": report.rawData = try node.text()
    case "dataProcessingMethod": report.dataProcessingMethod = try node.text()
    case "time": report.time = try node.text()
    case "microorganism": report.microorganism = try node.text()
    case "chemicalSubstance": report.chemicalSubstance = try node.text()
    case "component": report.component = try node.text()
    case "uom": report.uom = try node.text()
    case "coordinateReferenceSystem": report.coordinateReferenceSystem = try node.text()
    default: return false
    }
    return true
  }

  private func readValue(
    _ name: String, _ node: JSONNode, _ report: inout Cairn_V1_SensorReport
  ) throws(Failure) -> Bool {
    switch name {
    case "value": report.value = try node.number()
    case "minValue": report.minValue = try node.number()
    case "maxValue": report.maxValue = try node.number()
    case "meanValue": report.meanValue = try node.number()
    case "sDev": report.sDev = try node.number()
    case "percRank": report.percRank = try node.number()
    case "percValue": report.percValue = try node.number()
    case "stringValue": report.stringValue.value = try node.anyText()
    case "booleanValue": report.booleanValue.value = try node.boolean()
    case "hexBinaryValue": report.hexBinaryValue = try node.text()
    case "uriValue": report.uriValue = try node.text()
    default: return false
    }
    return true
  }
}
