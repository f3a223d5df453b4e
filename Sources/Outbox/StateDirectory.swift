package import FoundationEssentials
package import Primitives

/// Where a scanner keeps what must survive a crash.
package enum StateDirectory {
  /// `$CAIRN_STATE`, else `$XDG_STATE_HOME/cairn`, else `~/.local/state/cairn`. Relative values are not followed.
  package static func location(environment: [String: String]) throws(Failure) -> URL {
    func absolute(_ name: String) -> String? {
      environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    if let path = absolute("CAIRN_STATE") { return URL(filePath: path, directoryHint: .isDirectory) }
    if let path = absolute("XDG_STATE_HOME") { return URL(filePath: path + "/cairn", directoryHint: .isDirectory) }
    if let path = absolute("HOME") { return URL(filePath: path + "/.local/state/cairn", directoryHint: .isDirectory) }
    throw Failure(
      .preconditionFailed, "NO_STATE_DIRECTORY", "set CAIRN_STATE to the absolute path of a folder for the outbox")
  }

  /// Makes the folder, for its owner only, unless it is there.
  static func create(_ directory: URL) throws(Failure) {
    do {
      try FileManager.default.createDirectory(
        at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw Failure(
        .preconditionFailed, "STATE_DIRECTORY_UNUSABLE",
        "cannot make the folder \(directory.path) for the outbox; set CAIRN_STATE to a folder that you may write")
    }
  }
}
