import Foundation

/// What SQLite alone does with the same records: runs `ops/storage-limit.c`.
struct StorageLimit {
  let program: URL
  let records: URL
  let count: Int

  /// Writes the records that it will append; returns their average size in bytes.
  static func prepare(_ records: URL, count: Int) throws -> Int {
    var chain = SupplyChain(seed: 0, events: count)
    var file = Data()
    for _ in 0..<count {
      let record = try chain.next()
      withUnsafeBytes(of: UInt32(record.count).littleEndian) { file.append(contentsOf: $0) }
      file.append(record)
    }
    try file.write(to: records)
    return (file.count - 4 * count) / count
  }

  /// Records a second, on a fresh database beside the records.
  func measure() throws -> Double { try start().rate() }

  /// Starts writing to a fresh database; `number` tells those apart that are written at the same time.
  func start(_ number: Int = 0) throws -> Run {
    let database = records.deletingLastPathComponent().appending(path: "limit-\(number).sqlite")
    let (process, output) = (Process(), Pipe())
    process.executableURL = program
    process.arguments = [records.path, database.path, String(count)]
    process.standardOutput = output
    try process.run()
    return Run(process: process, output: output, database: database)
  }

  /// One that is writing.
  struct Run {
    fileprivate let process: Process
    fileprivate let output: Pipe
    fileprivate let database: URL

    /// Records a second, when all are written; the database is gone then.
    func rate() throws -> Double {
      defer {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database.path + suffix) }
      }
      let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      process.waitUntilExit()
      guard process.terminationStatus == 0, let rate = Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
      else { throw BenchError("\(process.executableURL?.path ?? "storage-limit") failed") }
      return rate
    }
  }
}
