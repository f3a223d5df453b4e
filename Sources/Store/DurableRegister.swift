#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
package import Foundation
package import Primitives
import Signing
import Synchronization

/// A small value that outlives power cuts: a file with two slots that are written in turn, so that one of them is whole
/// whatever happens while the other is written. One process has it at a time.
package final class DurableRegister: Sendable {
  /// The most bytes a value may have.
  package static let maxByteCount = 1_024
  private static let slotBytes = 4_096
  /// Before a value: its number and its length. After it: SHA-256 of all that.
  private static let headBytes = 10

  private struct Slot {
    var number: UInt64
    var value: Data
  }

  private let path: String
  private let file: Int32
  private let latest: Mutex<Slot?>

  /// Opens the register at `url`; with `create` it makes an empty one, and its folder, where there is none. notFound
  /// NO_REGISTER, DATA_DIRECTORY_LOCKED where another process has it, corrupt REGISTER_CORRUPT where neither slot is whole.
  package init(_ url: URL, create: Bool) throws(Failure) {
    path = url.path
    if create { try Self.makeFolder(url.deletingLastPathComponent()) }
    file = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0), 0o600)
    guard file >= 0 else {
      throw Failure(errno == ENOENT ? .notFound : .preconditionFailed, "NO_REGISTER", "\(url.path): \(Self.reason)")
    }
    latest = Mutex(nil)
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      throw Failure(.preconditionFailed, "DATA_DIRECTORY_LOCKED", "\(path) is in use by another cairnd; stop it first")
    }
    if create { try Self.persist(url.deletingLastPathComponent()) }
    try recover()
  }

  deinit { close(file) }

  /// The value saved last; nil where none was.
  package var value: Data? { latest.withLock { $0?.value } }

  /// Replaces the value; the new one is on disk when it returns. Where it throws, either may be read again.
  package func save(_ value: Data) throws(Failure) {
    guard value.count <= Self.maxByteCount else {
      throw Failure(.bug, "REGISTER_VALUE_SIZE", "\(value.count) bytes; at most \(Self.maxByteCount)")
    }
    try latest.withLock { latest throws(Failure) in
      let slot = Slot(number: (latest?.number ?? 0) + 1, value: value)
      try write(slot)
      latest = slot
    }
  }

  private func write(_ slot: Slot) throws(Failure) {
    var bytes = Data()
    withUnsafeBytes(of: slot.number.bigEndian) { bytes.append(contentsOf: $0) }
    withUnsafeBytes(of: UInt16(slot.value.count).bigEndian) { bytes.append(contentsOf: $0) }
    bytes.append(slot.value)
    bytes.append(contentsOf: SHA256.hash(bytes).bytes)
    let offset = Self.offset(of: slot.number)
    let count = bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(offset)) }
    guard count == bytes.count, fsync(file) == 0 else {
      throw Failure(
        .unavailable, "REGISTER_NOT_WRITTEN", "\(path): \(Self.reason)", retryAfterMilliseconds: 5_000)
    }
  }

  /// Takes the later of the slots that are whole. Nothing was ever saved where both are empty.
  private func recover() throws(Failure) {
    var bytes = Data(count: 2 * Self.slotBytes)
    let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
    guard count >= 0 else { throw Failure(.unavailable, "REGISTER_UNREADABLE", "\(path): \(Self.reason)") }
    let slots = [0, 1].compactMap { Self.slot($0, in: bytes) }
    guard !slots.isEmpty || count == 0 else {
      throw Failure(.corrupt, "REGISTER_CORRUPT", "\(path) is damaged: neither of its slots is whole")
    }
    latest.withLock { $0 = slots.max { $0.number < $1.number } }
  }

  private static func slot(_ index: Int, in bytes: Data) -> Slot? {
    let slot = bytes.dropFirst(index * slotBytes).prefix(slotBytes)
    let number = slot.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let length = slot.dropFirst(8).prefix(2).reduce(0) { $0 << 8 | Int($1) }
    guard length <= maxByteCount, number > 0, offset(of: number) == index * slotBytes else { return nil }
    let content = slot.prefix(headBytes + length)
    guard slot.dropFirst(headBytes + length).prefix(Digest.byteCount).elementsEqual(SHA256.hash(content).bytes) else {
      return nil
    }
    return Slot(number: number, value: Data(content.dropFirst(headBytes)))
  }

  private static func offset(of number: UInt64) -> Int { number.isMultiple(of: 2) ? 0 : slotBytes }

  private static func makeFolder(_ url: URL) throws(Failure) {
    if mkdir(url.path, 0o700) == 0 {
      try persist(url.deletingLastPathComponent())
    } else if errno != EEXIST {
      throw Failure(.preconditionFailed, "FILE_NOT_WRITTEN", "\(url.path): \(reason)")
    }
  }

  /// Makes sure that the names in a folder survive a power cut.
  private static func persist(_ folder: URL) throws(Failure) {
    let file = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(file) }
    guard file >= 0, fsync(file) == 0 else {
      throw Failure(.preconditionFailed, "FILE_NOT_WRITTEN", "\(folder.path): fsync: \(reason)")
    }
  }

  private static var reason: String { String(cString: strerror(errno)) }
}
