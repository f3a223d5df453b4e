/// The member names of one object seen so far, compared byte by byte (Swift's `==` would take two spellings of `é` for one).
struct NameSet {
  private var few: [String] = []
  private var many: Set<ExactName> = []

  private struct ExactName: Hashable {
    let text: String

    static func == (left: ExactName, right: ExactName) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
      var text = text
      text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }

  /// Adds a name; false where it was there already.
  mutating func insert(_ name: String) -> Bool {
    if many.isEmpty {
      guard !few.contains(where: { $0.utf8.elementsEqual(name.utf8) }) else { return false }
      few.append(name)
      if few.count > 16 { many = Set(few.map(ExactName.init)) }
      return true
    }
    return many.insert(ExactName(text: name)).inserted
  }
}
