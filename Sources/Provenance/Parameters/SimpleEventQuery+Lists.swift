import Primitives
import SwiftProtobuf
import Wire

extension Cairn_V1_EventFilter {
  /// Parameters that take a list of texts.
  mutating func addList(_ parameter: Parameter) throws(Failure) -> Bool {
    switch parameter.name {
    case "eventType": types += try parameter.types
    case "EQ_action": actions += try parameter.actions
    case "EXISTS_errorDeclaration": if !hasErrorDeclaration { errorDeclaration = .init() }
    case "EXISTS_sensorElementList", "EXISTS_sensorElement": if !hasSensors { sensors = .init() }
    case "EQ_booleanValue": try sensors.setBoolean(parameter)
    default:
      guard let list = Self.lists[parameter.name] else { return false }
      self[keyPath: list] += parameter.values
    }
    return true
  }

  private static var lists: [String: WritableKeyPath<Cairn_V1_EventFilter, [String]>] {
    [
      "EQ_bizStep": \.bizSteps,
      "EQ_disposition": \.dispositions,
      "EQ_persistentDisposition_set": \.persistentDispositionsSet,
      "EQ_persistentDisposition_unset": \.persistentDispositionsUnset,
      "EQ_readPoint": \.readPoints,
      "WD_readPoint": \.readPointsWithin,
      "EQ_bizLocation": \.bizLocations,
      "WD_bizLocation": \.bizLocationsWithin,
      "EQ_transformationID": \.transformationIds,
      "EQ_eventID": \.eventIds,
      "MATCH_epc": \.matchEpcs,
      "MATCH_parentID": \.matchParentIds,
      "MATCH_inputEPC": \.matchInputEpcs,
      "MATCH_outputEPC": \.matchOutputEpcs,
      "MATCH_anyEPC": \.matchAnyEpcs,
      "MATCH_epcClass": \.matchEpcClasses,
      "MATCH_inputEPCClass": \.matchInputEpcClasses,
      "MATCH_outputEPCClass": \.matchOutputEpcClasses,
      "MATCH_anyEPCClass": \.matchAnyEpcClasses,
      "EQ_errorReason": \.errorDeclaration.reasons,
      "EQ_correctiveEventID": \.errorDeclaration.correctiveEventIds,
      "EQ_type": \.sensors.types,
      "EQ_deviceID": \.sensors.deviceIds,
      "EQ_dataProcessingMethod": \.sensors.dataProcessingMethods,
      "EQ_microorganism": \.sensors.microorganisms,
      "EQ_chemicalSubstance": \.sensors.chemicalSubstances,
      "EQ_bizRules": \.sensors.bizRules,
      "EQ_stringValue": \.sensors.stringValues,
      "EQ_hexBinaryValue": \.sensors.hexBinaryValues,
      "EQ_uriValue": \.sensors.uriValues,
    ]
  }

  /// Parameters that take a time.
  mutating func addTime(_ parameter: Parameter) throws(Failure) -> Bool {
    guard let bound = Self.times[parameter.name] else { return false }
    guard self[keyPath: bound.has] == false else { throw parameter.repeated }
    self[keyPath: bound.time].microseconds = try parameter.time.microseconds
    return true
  }

  private typealias Bound = (
    has: KeyPath<Cairn_V1_EventFilter, Bool>, time: WritableKeyPath<Cairn_V1_EventFilter, Cairn_V1_TimeBound>
  )

  private static var times: [String: Bound] {
    [
      "GE_eventTime": (\.hasEventTimeFrom, \.eventTimeFrom),
      "LT_eventTime": (\.hasEventTimeBefore, \.eventTimeBefore),
      "GE_recordTime": (\.hasLedgerTimeFrom, \.ledgerTimeFrom),
      "LT_recordTime": (\.hasLedgerTimeBefore, \.ledgerTimeBefore),
      "GE_errorDeclarationTime": (\.errorDeclaration.hasTimeFrom, \.errorDeclaration.timeFrom),
      "LT_errorDeclarationTime": (\.errorDeclaration.hasTimeBefore, \.errorDeclaration.timeBefore),
      "GE_time": (\.sensors.hasTimeFrom, \.sensors.timeFrom),
      "LT_time": (\.sensors.hasTimeBefore, \.sensors.timeBefore),
      "GE_startTime": (\.sensors.hasStartTimeFrom, \.sensors.startTimeFrom),
      "LT_startTime": (\.sensors.hasStartTimeBefore, \.sensors.startTimeBefore),
      "GE_endTime": (\.sensors.hasEndTimeFrom, \.sensors.endTimeFrom),
      "LT_endTime": (\.sensors.hasEndTimeBefore, \.sensors.endTimeBefore),
    ]
  }
}

extension Cairn_V1_SensorFilter {
  fileprivate mutating func setBoolean(_ parameter: Parameter) throws(Failure) {
    guard !hasBooleanValue else { throw parameter.repeated }
    switch parameter.text {
    case "true": booleanValue.value = true
    case "false": booleanValue = .with { $0.value = false }
    default: throw parameter.invalid("is neither true nor false")
    }
  }
}

extension Parameter {
  fileprivate var types: [Cairn_V1_EventType] {
    get throws(Failure) {
      var types: [Cairn_V1_EventType] = []
      for value in values {
        switch value {
        case "ObjectEvent": types.append(.object)
        case "AggregationEvent": types.append(.aggregation)
        case "TransactionEvent": types.append(.transaction)
        case "TransformationEvent": types.append(.transformation)
        case "AssociationEvent": types.append(.association)
        default: throw invalid("is no kind of event; write for example ObjectEvent")
        }
      }
      return types
    }
  }

  fileprivate var actions: [Cairn_V1_Action] {
    get throws(Failure) {
      var actions: [Cairn_V1_Action] = []
      for value in values {
        switch value {
        case "ADD": actions.append(.add)
        case "OBSERVE": actions.append(.observe)
        case "DELETE": actions.append(.delete)
        default: throw invalid("is none of ADD, OBSERVE and DELETE")
        }
      }
      return actions
    }
  }
}
