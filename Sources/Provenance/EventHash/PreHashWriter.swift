/// Writes the parts of a pre-hash text one behind the other.
struct PreHashWriter {
  let namespaces: Namespaces
  let reading: PreHash.Reading
  private(set) var output: [UInt8] = []
  /// Extensions inside standard fields that go to the end of the event.
  var postponed: [[UInt8]] = []
  var hasTruthValue = false
  private var spent = 0

  init(namespaces: Namespaces, reading: PreHash.Reading) {
    self.namespaces = namespaces
    self.reading = reading
    output.reserveCapacity(1_024)
  }

  /// More was to be written than is hashed; the text is not whole.
  var isTooLong: Bool { spent > PreHash.maximumByteCount }

  mutating func append(_ word: StaticString) {
    spent += word.utf8CodeUnitCount
    guard !isTooLong else { return }
    word.withUTF8Buffer { output.append(contentsOf: $0) }
  }

  mutating func append(_ bytes: some Collection<UInt8>) {
    spent += bytes.count
    guard !isTooLong else { return }
    output.append(contentsOf: bytes)
  }

  mutating func append(_ text: some StringProtocol) { append(text.utf8) }

  /// Takes back what was written last.
  mutating func removeLast(_ count: Int) { output.removeLast(count) }

  mutating func append(_ value: Bool) {
    hasTruthValue = true
    switch reading {
    case .inPlace, .atTheEnd: append(value ? "true" : "false")
    case .reference: append(value ? "True" : "False")
    }
  }

  /// What `body` writes, by itself; nil where it writes nothing.
  mutating func piece(_ body: (inout Self) -> Void) -> [UInt8]? {
    var outer: [UInt8] = []
    swap(&outer, &output)
    body(&self)
    swap(&outer, &output)
    return outer.isEmpty ? nil : outer
  }

  /// Writes pieces in the order of their bytes.
  mutating func appendSorted(_ pieces: [[UInt8]]) {
    guard pieces.count > 1 else {
      if let piece = pieces.first { append(piece) }
      return
    }
    for piece in pieces.sorted(by: { $0.lexicographicallyPrecedes($1) }) { append(piece) }
  }

  /// Writes a list's name, once, and its elements in the order of their bytes; nothing where no element says anything.
  mutating func list<Elements: Collection>(
    _ name: StaticString, _ elements: Elements, _ write: (inout Self, Elements.Element) -> Void
  ) {
    var pieces: [[UInt8]] = []
    pieces.reserveCapacity(elements.count)
    for element in elements {
      if let piece = piece({ write(&$0, element) }) { pieces.append(piece) }
    }
    guard !pieces.isEmpty else { return }
    append(name)
    appendSorted(pieces)
  }

  /// Writes what `body` writes behind a name; nothing where it writes nothing.
  mutating func group(_ name: StaticString, _ body: (inout Self) -> Void) {
    guard let piece = piece(body) else { return }
    append(name)
    append(piece)
  }
}
