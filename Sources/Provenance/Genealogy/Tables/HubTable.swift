/// Transformations: events that share a transformationID are one, every other one stands alone.
struct HubTable {
  private(set) var entries: [Entry] = []
  private var byID: [String: Int] = [:]
  private var byEvent: [Int: Int] = [:]

  struct Entry {
    /// Empty where there is none.
    let id: String
    fileprivate(set) var events: [Int]
    fileprivate(set) var isComplete: Bool
    fileprivate(set) var hidesEvents = false
    fileprivate(set) var isCutOff = false
  }

  func hub(of event: Int) -> Int? { byEvent[event] }

  mutating func add(_ event: Int, transformationID id: String) {
    if let hub = byID[id] {
      entries[hub].events.append(event)
      byEvent[event] = hub
      return
    }
    byEvent[event] = entries.count
    if !id.isEmpty { byID[id] = entries.count }
    entries.append(Entry(id: id, events: [event], isComplete: id.isEmpty))
  }

  mutating func complete(_ hub: Int, hidesEvents: Bool, isCutOff: Bool) {
    entries[hub].isComplete = true
    entries[hub].hidesEvents = hidesEvents
    entries[hub].isCutOff = isCutOff
  }
}
