/// Figures in Prometheus' text exposition format 0.0.4.
package struct Exposition {
  /// The HTTP content type.
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// What a figure is.
  package enum Kind: String {
    /// Goes up and down.
    case gauge
    /// Only grows while the process runs; its name ends in `_total`.
    case counter
  }

  /// One value and the labels that tell it from the others.
  package struct Sample {
    let labels: KeyValuePairs<String, String>
    let value: Int64

    /// A value with labels, of which no two samples of a figure have the same.
    package init(_ value: some BinaryInteger, _ labels: KeyValuePairs<String, String> = [:]) {
      self.value = Int64(clamping: value)
      self.labels = labels
    }
  }

  /// The page so far.
  package private(set) var text = ""

  /// An empty page.
  package init() {}

  /// Adds a figure; each name once. Without samples only its description stands there.
  package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
    text += "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
    for sample in samples {
      let labels = sample.labels.map { "\($0.key)=\"\(Self.escaped($0.value, quotes: true))\"" }
      text += labels.isEmpty ? name : "\(name){\(labels.joined(separator: ","))}"
      text += " \(sample.value)\n"
    }
  }

  private static func escaped(_ text: String, quotes: Bool = false) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
