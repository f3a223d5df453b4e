import FoundationEssentials
import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files, read and written with words for what goes wrong.
enum Files {
  /// The bytes of a file of at most `limit` bytes; fails with FILE_UNREADABLE or FILE_TOO_LARGE.
  static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unreadable(path) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      let room = min(1 << 20, limit + 1 - bytes.count)
      var count = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, written in
        count = Glibc.read(descriptor, buffer.baseAddress, room)
        written = max(0, count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path) }
      if count == 0 { return bytes }
      bytes += chunk
    }
    throw Failure(.exhausted, "FILE_TOO_LARGE", "\(path) has more than \(limit) bytes")
  }

  /// Writes a new file; fails with FILE_EXISTS or FILE_NOT_WRITTEN.
  static func create(_ path: String, _ bytes: [UInt8], permissions: mode_t) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions)
    guard descriptor >= 0 else { throw errno == EEXIST ? exists(path) : notWritten(path) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else { throw notWritten(path) }
      rest = rest.dropFirst(max(0, count))
    }
    guard fsync(descriptor) == 0 else { throw notWritten(path) }
  }

  /// Makes a folder that only its owner may enter, unless it is there.
  static func makeFolder(_ path: String) throws(Failure) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw notWritten(path) }
  }

  /// Writes a file whole or not at all, over the one that is there; fails with FILE_NOT_WRITTEN.
  static func replace(_ path: String, _ bytes: [UInt8]) throws(Failure) {
    do { try Data(bytes).write(to: URL(filePath: path), options: .atomic) } catch { throw notWritten(path) }
  }

  static func exists(_ path: String) -> Failure {
    Failure(.alreadyExists, "FILE_EXISTS", "\(path) is there already and is not overwritten")
  }

  private static func unreadable(_ path: String) -> Failure {
    Failure(.notFound, "FILE_UNREADABLE", "cannot read \(path): \(String(cString: strerror(errno)))")
  }

  private static func notWritten(_ path: String) -> Failure {
    Failure(.preconditionFailed, "FILE_NOT_WRITTEN", "cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
