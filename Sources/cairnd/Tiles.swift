import ArgumentParser
import Foundation
import Ledger
import Merkle
import Primitives
import Queries
import Store

/// Writes the log as files that any web server can serve.
struct Tiles: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a stopped node's log into a folder as C2SP tiles, for mirrors.",
    discussion: "Files that are there already and can no longer change are kept, so a later export only adds.")

  @Argument(help: "The data directory.")
  var directory: String

  @Argument(help: "The folder; it is made if need be.")
  var folder: String

  func run() async throws {
    let store = try Store(DataDirectory(directory))
    let root = URL(filePath: folder, directoryHint: .isDirectory)
    let view = try store.readNow { try $0.view() }
    var written = 0
    for row in Tile.rows(size: view.logSize) {
      for index in 0...row.fullTiles where index < row.fullTiles || row.partialWidth > 0 {
        let width = index < row.fullTiles ? Tile.fullWidth : row.partialWidth
        let tile = try Tile(level: row.level, index: index, width: width)
        for path in row.level == 0 ? [TilePath.hashes(tile), .entries(tile)] : [.hashes(tile)] {
          if try await write(path, of: store, in: view, to: root) { written += 1 }
        }
      }
    }
    // Last, so that nobody is promised what is not there yet.
    try Self.write(Data(view.checkpoint.note.utf8), to: root.appending(path: "checkpoint"))
    Console.print("tiles: \(view.logSize) entries, \(written) files written, root \(view.checkpoint.root)")
  }

  /// Whether the file had to be written.
  private func write(_ path: TilePath, of store: Store, in view: LedgerView, to root: URL) async throws -> Bool {
    let file = root.appending(path: path.description)
    if FileManager.default.fileExists(atPath: file.path) { return false }
    try Self.write(try await store.read { try $0.content(of: path, in: view) }, to: file)
    return true
  }

  private static func write(_ bytes: Data, to file: URL) throws {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: file, options: .atomic)
  }
}
