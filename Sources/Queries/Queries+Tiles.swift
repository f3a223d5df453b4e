package import Foundation
import Ledger
package import Merkle
package import Primitives
package import Store

extension Queries {
  /// The latest checkpoint that the policy takes, a signed note.
  package var checkpointNote: String { latestCheckpoint(in: views.current).note }

  /// What C2SP tlog-tiles serves under a path: a tile's hashes, or the entries under it. notFound UNKNOWN_TILE for what the
  /// log does not reach yet.
  package func tile(_ path: TilePath) async throws(Failure) -> Data {
    let view = views.current
    guard path.tile.isPresent(inTreeOf: view.logSize) else {
      throw Failure(.notFound, "UNKNOWN_TILE", "\(path): the log has \(view.logSize) entries, too few for that tile")
    }
    return try await store.read { try $0.content(of: path, in: view) }
  }
}

extension TilePath {
  /// The tile itself, or the one whose entries are meant.
  package var tile: Tile {
    switch self {
    case .hashes(let tile), .entries(let tile): tile
    }
  }
}

extension LedgerReader {
  /// The bytes that are served under a path: hashes, joined, or entries. Of a tile that the view's log has.
  package func content(of path: TilePath, in view: LedgerView) throws -> Data {
    switch path {
    case .hashes(let tile): try hashes(of: tile, nodes: LogNodes(edge: view.edge, reader: self))
    case .entries(let tile): try entryBundle(under: tile)
    }
  }

  private func hashes(of tile: Tile, nodes: LogNodes) throws -> Data {
    if tile.width == Tile.fullWidth, let stored = try self.tile(level: tile.level, number: tile.index) {
      return Data(Tile.encode(stored))
    }
    let first = tile.index * UInt64(Tile.fullWidth)
    let hashes = try (0..<UInt64(tile.width)).map { try nodes.hash(of: Node(level: 8 * tile.level, index: first + $0)) }
    return Data(Tile.encode(hashes))
  }

  /// `u16 length ‖ entry` for each entry, big-endian.
  private func entryBundle(under tile: Tile) throws -> Data {
    let first = tile.index * UInt64(Tile.fullWidth)
    let entries = try entries(from: first, limit: tile.width)
    guard entries.count == tile.width, entries.first?.position == first else { throw LedgerReader.corrupt("the log") }
    var bundle = Data()
    for entry in entries {
      withUnsafeBytes(of: UInt16(clamping: entry.bytes.count).bigEndian) { bundle.append(contentsOf: $0) }
      bundle.append(entry.bytes)
    }
    return bundle
  }
}
