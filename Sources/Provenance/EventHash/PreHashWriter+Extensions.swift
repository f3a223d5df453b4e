import Wire

extension PreHashWriter {
  /// Writes the user extensions of a standard field, or returns them where they go to the end of the event.
  mutating func extensions(_ extensions: [Cairn_V1_Extension]) -> [UInt8]? {
    guard !extensions.isEmpty else { return nil }
    let pieces = properties(extensions)
    switch reading {
    case .inPlace, .reference:
      appendSorted(pieces)
      return nil
    case .atTheEnd:
      return piece { $0.appendSorted(pieces) }
    }
  }

  /// User extensions as pieces: each value behind the full name of its property. Remarks are none.
  mutating func properties(_ extensions: [Cairn_V1_Extension]) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    for property in extensions where !["rdfs:comment", "comment"].contains(property.name) {
      add(property.value, to: &pieces, name: namespaces.fullName(of: property.name))
    }
    return pieces
  }

  /// A list stands for as many properties of the same name. Null is as if it were not there.
  private mutating func add(_ value: Cairn_V1_ExtensionValue, to pieces: inout [[UInt8]], name: String) {
    switch value.kind {
    case .text(let text), .number(let text): add(&pieces, name) { $0.assign(text) }
    case .boolean(let value):
      add(&pieces, name) { writer in
        writer.append("=")
        writer.append(value)
      }
    case .null, nil: break
    case .object(let object): add(&pieces, name) { $0.appendSorted($0.properties(object.extensions)) }
    case .list(let list):
      for element in list.values {
        guard case .list(let inner) = element.kind else {
          add(element, to: &pieces, name: name)
          continue
        }
        add(&pieces, name) { writer in
          var members: [[UInt8]] = []
          for member in inner.values { writer.add(member, to: &members, name: "") }
          writer.appendSorted(members)
        }
      }
    }
  }

  private mutating func add(_ pieces: inout [[UInt8]], _ name: String, _ body: (inout Self) -> Void) {
    let piece = piece { writer in
      writer.append(name)
      body(&writer)
    }
    if let piece { pieces.append(piece) }
  }
}
