/// A fact that changes, with all it ever was: an entry at one position finds what was recorded at lower positions.
package struct Timeline<Value: Equatable & Sendable>: Equatable, Sendable {
  private struct Change: Equatable, Sendable {
    let position: UInt64
    var value: Value
  }

  private var first: Change
  private var later: [Change] = []

  /// A fact that begins as `value` at `position`.
  package init(_ value: Value, at position: UInt64) { first = Change(position: position, value: value) }

  /// What it is now.
  package var latest: Value { later.last?.value ?? first.value }

  /// What an entry at `position` finds; before the fact began, how it began.
  package func value(at position: UInt64) -> Value {
    guard let last = later.last else { return first.value }
    if last.position < position { return last.value }
    var low = 0
    var high = later.count
    while low < high {
      let middle = (low + high) / 2
      if later[middle].position < position { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? first.value : later[low - 1].value
  }

  /// Changes it at `position`, which is never lower than before; of several changes at one position the latest stays.
  package mutating func record(_ value: Value, at position: UInt64) {
    if later.isEmpty, first.position >= position {
      first.value = value
      return
    }
    if let last = later.last, last.position >= position { later.removeLast() }
    if latest != value { later.append(Change(position: position, value: value)) }
  }
}
