import Client
import Primitives
import SwiftProtobuf
import Wire

/// All events of an item, whatever their number.
enum ItemEvents {
  /// In order of event time. What the server does not sort, because it is too much, is sorted here.
  static func all(
    _ item: String, _ connection: LedgerConnection, describing: Bool = false
  ) async throws -> EventPages.Page {
    do {
      return try await EventPages(connection, .history(item: item), describing: describing).all()
    } catch let failure as Failure where failure.reason == "TOO_MANY_EVENTS" {
      let filter = Cairn_V1_EventFilter.with { $0.items = [item] }
      var page = try await EventPages(connection, .events(filter), describing: describing).all()
      page.item = item
      page.events.sort {
        ($0.event.eventTime.microseconds, $0.position, $0.recordIndex)
          < ($1.event.eventTime.microseconds, $1.position, $1.recordIndex)
      }
      return page
    }
  }
}
