import ArgumentParser
import Primitives
import Provenance
import SwiftProtobuf
import Wire

/// Conditions in the words of EPCIS: every parameter of SimpleEventQuery by its own name.
struct ParameterOptions: ParsableArguments {
  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      """
      Any parameter of EPCIS's SimpleEventQuery, by its own name: 'EQ_bizStep=shipping|receiving', \
      'MATCH_epc=urn:epc:idpat:sgtin:0614141.112345.*', 'WD_readPoint=…', 'EQ_bizTransaction_po=…', 'GE_quantity_KGM=12.5', \
      'GE_value_CEL=8', 'EQ_ILMD_example:lot=A7', 'EXISTS_errorDeclaration'. '|' stands between values.
      """, valueName: "parameter=value"))
  var conditions: [String] = []

  /// The filter that the parameters make; order and limits have no place in it.
  func filter() throws(Failure) -> Cairn_V1_EventFilter {
    let request = try request()
    let isBare = Cairn_V1_QueryEventsRequest.with { $0.filter = request.filter } == request
    guard isBare || request == .init() else {
      throw .malformed("MISPLACED_PARAMETER", field: "--where", "order and limits have no meaning here")
    }
    return request.filter
  }

  /// The whole question, with the order and the limits that parameters ask for.
  func request() throws(Failure) -> Cairn_V1_QueryEventsRequest {
    var query = SimpleEventQuery()
    for condition in conditions {
      let parts = condition.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      do { try query.add(parts[0], parts.count == 2 ? parts[1] : "") } catch { throw error.under("--where") }
    }
    return query.request
  }
}
