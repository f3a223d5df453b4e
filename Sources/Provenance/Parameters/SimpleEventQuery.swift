package import Primitives
package import Wire

/// A SimpleEventQuery in the standard's own words: parameters by name (EPCIS 2.0.1, section 8.2.7.1), as people type them
/// and as the standard's REST interface has them.
package struct SimpleEventQuery: Sendable {
  /// Between the values of one parameter.
  package static let separator: Character = "|"

  private var asked = Cairn_V1_QueryEventsRequest()
  private var isOrdered = false

  /// What the parameters so far ask for. An order whose direction is left out is descending, as the standard has it.
  package var request: Cairn_V1_QueryEventsRequest {
    var request = asked
    if isOrdered, request.orderDirection == .unspecified { request.orderDirection = .descending }
    return request
  }

  /// Asks for everything.
  package init() {}

  /// Adds a parameter with a text such as `shipping|receiving`. A parameter that takes a list may come several times.
  ///
  /// Throws malformed UNKNOWN_PARAMETER, UNSUPPORTED_PARAMETER, AMBIGUOUS_PARAMETER, INVALID_VALUE or REPEATED_PARAMETER, each
  /// with the parameter's name as its field. Whether a value is right is found out by `EventFilter`.
  package mutating func add(_ name: String, _ text: String) throws(Failure) {
    let parameter = Parameter(name: name, text: text)
    if try addControl(parameter) { return }
    var filter = asked.filter
    var isKnown = try filter.addList(parameter)
    if !isKnown { isKnown = try filter.addTime(parameter) }
    if !isKnown { isKnown = try filter.addFamily(parameter) }
    guard isKnown else { throw parameter.unknown }
    asked.filter = filter
  }

  /// Order and limits.
  private mutating func addControl(_ parameter: Parameter) throws(Failure) -> Bool {
    switch (parameter.name, parameter.text) {
    case ("orderBy", let key):
      guard ["eventTime", "recordTime"].contains(key) || key.contains(":") else {
        throw parameter.invalid("is no order; eventTime, recordTime and extension fields such as example:colour are")
      }
      isOrdered = true
      asked.orderBy = key == "eventTime" ? .eventTime : .unspecified
      asked.orderByField = key.contains(":") ? key : ""
    case ("orderDirection", "ASC"): asked.orderDirection = .ascending
    case ("orderDirection", "DESC"): asked.orderDirection = .descending
    case ("orderDirection", _): throw parameter.invalid("is neither ASC nor DESC")
    case ("eventCountLimit", _): asked.eventCountLimit = try parameter.count
    case ("maxEventCount", _): asked.maxEventCount = try parameter.count
    default: return false
    }
    return true
  }
}

/// A parameter as it was written.
struct Parameter {
  let name: String
  let text: String

  var values: [String] {
    text.split(separator: SimpleEventQuery.separator, omittingEmptySubsequences: false).map(String.init)
  }

  /// A number of events.
  var count: UInt32 {
    get throws(Failure) {
      guard let count = UInt32(text), count > 0 else { throw invalid("is no number of events") }
      return count
    }
  }

  /// A time, RFC 3339.
  var time: Instant {
    get throws(Failure) {
      do { return try Timestamp(text).instant } catch { throw error.under(name) }
    }
  }

  func invalid(_ what: String) -> Failure { .malformed("INVALID_VALUE", field: name, "'\(text.prefix(64))' \(what)") }

  var repeated: Failure { .malformed("REPEATED_PARAMETER", field: name, "is given twice and takes one value") }

  var unknown: Failure {
    .malformed(
      "UNKNOWN_PARAMETER", field: String(name.prefix(64)),
      "is no parameter of SimpleEventQuery; extension fields are named as in EQ_example:colour")
  }
}
