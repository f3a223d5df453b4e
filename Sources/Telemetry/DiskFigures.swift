package import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How much room there is where a node keeps its files.
package struct DiskFigures: Sendable {
  private let free: UInt64
  private let size: UInt64

  /// The file system of `folder` as it is now; nil where it does not say.
  package init?(of folder: URL) {
    var status = statvfs()
    guard statvfs(folder.path, &status) == 0 else { return nil }
    let block = UInt64(status.f_frsize)
    free = block.multipliedReportingOverflow(by: UInt64(status.f_bavail)).partialValue
    size = block.multipliedReportingOverflow(by: UInt64(status.f_blocks)).partialValue
  }

  /// Their part of the page for Prometheus.
  package var page: String {
    var page = Exposition()
    page.add(
      "cairn_disk_free_bytes", .gauge, "Bytes that the node may still write on the file system of its data directory.",
      [.init(free)])
    page.add("cairn_disk_size_bytes", .gauge, "Bytes of the file system of the data directory.", [.init(size)])
    return page.text
  }
}
