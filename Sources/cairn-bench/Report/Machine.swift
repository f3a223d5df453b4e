import Foundation

/// Where and when the figures were measured.
struct Machine: Sendable, Codable {
  let processor: String
  let cores: Int
  let memoryGibibytes: Int
  let kernel: String
  let fileSystem: String
  let date: String
  let commit: String

  /// This machine; `directory` is where the ledger will be.
  init(directory: URL, commit: String) {
    func lines(_ path: String) -> [Substring] {
      ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
    }
    let model = lines("/proc/cpuinfo").first { $0.hasPrefix("model name") }
    processor = model?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
    cores = ProcessInfo.processInfo.activeProcessorCount
    memoryGibibytes = Int((Double(ProcessInfo.processInfo.physicalMemory) / Double(1 << 30)).rounded())
    kernel = lines("/proc/sys/kernel/osrelease").first.map(String.init) ?? "unknown"
    let mounts = lines("/proc/mounts").map { $0.split(separator: " ") }
    let mount = mounts.filter { $0.count > 2 && directory.path.hasPrefix($0[1]) }.max { $0[1].count < $1[1].count }
    fileSystem = mount.map { String($0[2]) } ?? "unknown"
    date = Date.now.formatted(.iso8601)
    self.commit = commit
  }
}
