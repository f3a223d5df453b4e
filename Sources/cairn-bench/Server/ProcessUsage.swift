import Foundation

/// What a process has used so far, from /proc.
struct ProcessUsage: Sendable {
  /// User and system time, in seconds.
  let cpuSeconds: Double
  /// The most memory it ever had, what it has now, and of that the part that is its own and the part that maps files.
  let peakBytes, residentBytes, anonymousBytes, fileBytes: Int

  init(pid: Int32) throws {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    func kibibytes(_ name: String) -> Int {
      let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
      return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }
    peakBytes = kibibytes("VmHWM")
    residentBytes = kibibytes("VmRSS")
    anonymousBytes = kibibytes("RssAnon")
    fileBytes = kibibytes("RssFile")

    let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
    // Fields 14 and 15 of proc(5); the second field, a name in brackets, may hold spaces.
    let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
    let ticks = fields.dropFirst(12).prefix(2).compactMap { Double($0) }.reduce(0, +)
    cpuSeconds = ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// User and system time of this process, in seconds.
  static var ownCPUSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
