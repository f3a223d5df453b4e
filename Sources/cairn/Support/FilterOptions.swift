import ArgumentParser
import FoundationEssentials
import Primitives
import Provenance
import SwiftProtobuf
import Wire

/// Which events are wanted. Every option may be given more than once: any of its values may match. What has no option of its
/// own is asked for with `--where`, in the words of EPCIS.
struct FilterOptions: ParsableArguments {
  /// Kinds of event, by the words people type.
  enum TypeName: String, CaseIterable, ExpressibleByArgument {
    case object, aggregation, transaction, transformation, association

    var wire: Cairn_V1_EventType {
      switch self {
      case .object: .object
      case .aggregation: .aggregation
      case .transaction: .transaction
      case .transformation: .transformation
      case .association: .association
      }
    }
  }

  /// Actions, by the words people type.
  enum ActionName: String, CaseIterable, ExpressibleByArgument {
    case add, observe, delete

    init?(argument: String) { self.init(rawValue: argument.lowercased()) }

    var wire: Cairn_V1_Action {
      switch self {
      case .add: .add
      case .observe: .observe
      case .delete: .delete
      }
    }
  }

  @Option(help: ArgumentHelp("Event time at or after this, RFC 3339 or a date.", valueName: "time"))
  var from: Moment?

  @Option(help: ArgumentHelp("Event time before this, RFC 3339 or a date.", valueName: "time"))
  var to: Moment?

  @Option(help: "Kind of event.")
  var type: [TypeName] = []

  @Option(help: "Action.")
  var action: [ActionName] = []

  @Option(help: ArgumentHelp("Business step, for example shipping.", valueName: "word"))
  var bizStep: [String] = []

  @Option(help: ArgumentHelp("Disposition, for example in_transit.", valueName: "word"))
  var disposition: [String] = []

  @Option(help: ArgumentHelp("Item or class, in any spelling and any part of the event.", valueName: "id"))
  var item: [String] = []

  @Option(help: ArgumentHelp("Read point or business location, in any spelling.", valueName: "id"))
  var place: [String] = []

  @Option(help: ArgumentHelp("CBV event hash, ni:///sha-256;…?ver=CBV2.0, whatever id the event has.", valueName: "ni"))
  var hash: [String] = []

  @Option(help: ArgumentHelp("Key id of the author, 64 hexadecimal characters.", valueName: "key"))
  var author: [HexDigest] = []

  @OptionGroup var parameters: ParameterOptions

  /// The filter; refused as the server would refuse it.
  func filter() throws(Failure) -> Cairn_V1_EventFilter {
    var filter = try parameters.filter()
    try add(to: &filter)
    return filter
  }

  /// The whole question, with the order and the limits that parameters ask for.
  func request() throws(Failure) -> Cairn_V1_QueryEventsRequest {
    var request = try parameters.request()
    try add(to: &request.filter)
    return request
  }

  private func add(to filter: inout Cairn_V1_EventFilter) throws(Failure) {
    if let from { filter.eventTimeFrom = .with { $0.microseconds = from.instant.microseconds } }
    if let to { filter.eventTimeBefore = .with { $0.microseconds = to.instant.microseconds } }
    filter.types += type.map(\.wire)
    filter.actions += action.map(\.wire)
    filter.bizSteps += bizStep
    filter.dispositions += disposition
    filter.items += item
    filter.places += place
    filter.eventHashes += hash
    filter.authorKeyIds += author.map { Data($0.digest.bytes) }
    _ = try EventFilter(filter)
  }
}
