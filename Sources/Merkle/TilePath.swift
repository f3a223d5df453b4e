package import Primitives

/// The name of a tile under a log's prefix (C2SP tlog-tiles), for example `tile/0/x001/x234/067.p/5`.
package enum TilePath: Hashable, Sendable {
  /// Hashes: `tile/<L>/<N>[.p/<W>]`.
  case hashes(Tile)
  /// The entries under a tile of level 0: `tile/entries/<N>[.p/<W>]`.
  case entries(Tile)

  /// Parses a path that begins with `tile/`; fails with MALFORMED_TILE_PATH for anything but the one right spelling.
  package init(_ text: String) throws(Failure) {
    guard text.utf8.count <= 64, let path = Self.parse(text), path.description == text else {
      throw .malformed(
        "MALFORMED_TILE_PATH", field: "path", "expected tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>]")
    }
    self = path
  }

  private static func parse(_ text: String) -> TilePath? {
    var parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 3, parts.removeFirst() == "tile" else { return nil }
    let level = parts.removeFirst()
    var width = Tile.fullWidth
    if parts.count >= 2, parts[parts.count - 2].hasSuffix(".p") {
      guard let partial = Int(parts.removeLast()), partial < Tile.fullWidth else { return nil }
      width = partial
      parts[parts.count - 1].removeLast(2)
    }
    let digits = parts.map { $0.hasPrefix("x") ? $0.dropFirst() : $0 }.joined()
    guard let index = UInt64(digits), let number = level == "entries" ? 0 : Int(level),
      let tile = try? Tile(level: number, index: index, width: width)
    else { return nil }
    return level == "entries" ? .entries(tile) : .hashes(tile)
  }
}

extension TilePath: CustomStringConvertible {
  /// The path, without a leading slash.
  package var description: String {
    switch self {
    case .hashes(let tile): "tile/\(tile.level)/\(Self.place(tile))"
    case .entries(let tile): "tile/entries/\(Self.place(tile))"
    }
  }

  private static func place(_ tile: Tile) -> String {
    var groups = [group(tile.index % 1000)]
    var rest = tile.index / 1000
    while rest > 0 {
      groups.insert("x" + group(rest % 1000), at: 0)
      rest /= 1000
    }
    return groups.joined(separator: "/") + (tile.width < Tile.fullWidth ? ".p/\(tile.width)" : "")
  }

  private static func group(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 3 - digits.count) + digits
  }
}
