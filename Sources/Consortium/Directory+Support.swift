package import Primitives

extension Directory {
  /// All records that made members, roles, thresholds and governing keys what they are: genesis, the proposals that took
  /// effect on them and the votes that counted. Ascending.
  package var constitution: [RecordPlace] { records(behind: amendments) }

  /// The records that decide what a key could do for an entry at `position`: the constitution so far, and what
  /// registered and changed the key and those it replaced. Folding exactly these gives the key the same authority as
  /// folding them all. Ascending, genesis first, each once.
  package func supportingRecords(of id: KeyID, before position: UInt64) -> [RecordPlace] {
    let limit = RecordPlace(position: position, index: 0)
    return records(behind: amendments.prefix { $0 < limit } + history(of: id, before: limit))
  }

  /// Places of the records that registered and changed a key and those it replaced, as far as they lie before `limit`.
  func history(of id: KeyID, before limit: RecordPlace) -> [RecordPlace] {
    var places: [RecordPlace] = []
    var limit = limit
    var next = keys[id]
    while let key = next, key.registeredBy < limit {
      places.append(key.registeredBy)
      places += key.changedBy.prefix { $0 < limit }
      limit = key.registeredBy
      next = key.replaces.flatMap { keys[$0] }
    }
    return places
  }

  /// The records themselves and, where a vote took effect, those that made it.
  func records(behind places: [RecordPlace]) -> [RecordPlace] {
    let all = places.flatMap { place in
      enacted[place].flatMap { proposals[$0]?.enactment } ?? [place]
    }
    return Set(all).sorted()
  }
}
