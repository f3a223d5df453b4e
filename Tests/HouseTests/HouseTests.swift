import Foundation
import Testing

/// The habits of this house, kept by a test instead of by memory.
@Suite struct HouseTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every hand-written source file, by path from the repository's root.
  static let sources: [(path: String, text: String)] = {
    let folders = ["Sources", "Tests"].map { root.appending(path: $0) }
    let files = folders.flatMap { folder -> [URL] in
      let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
      return all?.compactMap { $0 as? URL } ?? []
    }
    return files.filter { $0.pathExtension == "swift" && !$0.path.contains("/Generated/") }.compactMap { file in
      guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
      return (String(file.path.dropFirst(root.path.count + 1)), text)
    }
  }()

  static func room(_ name: String) -> [(path: String, text: String)] {
    sources.filter { $0.path.hasPrefix("Sources/\(name)/") }
  }

  @Test func thereIsAHouse() { #expect(Self.sources.count > 50) }

  @Test func filesAreSmall() {
    let large = Self.sources.filter { $0.text.split(separator: "\n", omittingEmptySubsequences: false).count > 401 }
    #expect(large.map(\.path) == [])
  }

  @Test func functionsAreSmall() {
    let large = Self.sources.flatMap { source in Self.longFunctions(source.text).map { "\(source.path): \($0)" } }
    #expect(large == [])
  }

  @Test(arguments: ["Consortium", "Provenance"]) func theDomainRoomsDoNotKnowEachOther(room: String) {
    let others = ["Consortium", "Provenance", "Ledger", "Store"].filter { $0 != room }
    for source in Self.room(room) {
      for other in others { #expect(!source.text.contains("import \(other)\n"), "\(source.path) imports \(other)") }
    }
  }

  @Test(arguments: ["Primitives", "Merkle", "Checkpoints", "Consortium", "Provenance", "EPCIS", "Ledger", "Consensus"])
  func thePureRoomsHaveNoEffects(room: String) {
    let effects = [
      "FileManager", "FileHandle", "Date()", "clock_gettime", "ContinuousClock", "SystemRandomNumberGenerator",
      ".random(",
      "import Foundation\n", "import Glibc", "import GRDB", "print(",
    ]
    #expect(!Self.room(room).isEmpty)
    for source in Self.room(room) {
      for effect in effects { #expect(!source.text.contains(effect), "\(source.path) uses \(effect)") }
    }
  }

  @Test func onlyTheStoreSpeaksSQL() {
    for source in Self.sources where source.path.hasPrefix("Sources/") && source.text.contains("import GRDB") {
      #expect(source.path.hasPrefix("Sources/Store/") || source.path.hasPrefix("Sources/Outbox/"), "\(source.path)")
    }
  }

  @Test func typesAndFunctionsThatOthersUseAreDocumented() {
    let undocumented = Self.sources.filter { $0.path.hasPrefix("Sources/") }.flatMap { source in
      Self.undocumented(source.text).map { "\(source.path): \($0)" }
    }
    #expect(undocumented == [])
  }

  @Test func nothingIsLeftForLater() {
    let words = ["TO" + "DO", "FIX" + "ME", "fatal" + "Error(", "try" + "!", "Task.sl" + "eep"]
    for source in Self.sources where source.path.hasPrefix("Sources/") {
      for word in words { #expect(!source.text.contains(word), "\(source.path) has \(word)") }
    }
  }

  /// Declarations of functions whose body has more than 70 lines.
  private static func longFunctions(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.compactMap { start in
      let line = lines[start]
      guard line.contains("func ") || line.contains(" init("), line.hasSuffix("{") || line.hasSuffix("(") else {
        return nil
      }
      let indent = line.prefix { $0 == " " }
      let end = lines[(start + 1)...].firstIndex { $0 == indent + "}" } ?? start
      return end - start > 71 ? line.trimmingCharacters(in: .whitespaces) : nil
    }
  }

  private static func undocumented(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    let kinds = ["struct ", "enum ", "final class ", "func ", "static func ", "mutating func ", "init(", "init?("]
    return lines.indices.compactMap { index in
      guard kinds.contains(where: { lines[index].hasPrefix("package " + $0) }) else { return nil }
      let isOperator = lines[index].contains("func ==") || lines[index].contains("func <")
      let isConformance = lines[index].contains("func hash(into") || lines[index].contains("func run()")
      var above = index - 1
      while above >= 0, lines[above].hasPrefix("@") { above -= 1 }
      return isOperator || isConformance || (above >= 0 && lines[above].hasPrefix("///")) ? nil : lines[index]
    }
  }
}
