import Checkpoints
import Primitives

/// A tlog-policy on the disk.
enum PolicyFile {
  static func read(_ path: String) throws(Failure) -> Policy {
    let bytes = try Files.read(path, limit: Policy.maxByteCount)
    do { return try Policy(String(decoding: bytes, as: UTF8.self)) } catch {
      var failure = error
      failure.message = "\(path): \(error.message)"
      throw failure
    }
  }
}
