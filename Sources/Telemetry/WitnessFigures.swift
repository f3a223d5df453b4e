/// What witnesses have signed at one moment: of this node's log, and this node of others'.
package struct WitnessFigures: Sendable {
  /// The log size that a witness or this node signed.
  package struct Size: Sendable {
    let name: String
    let size: UInt64

    /// The size that belongs to a witness or to a log's origin.
    package init(_ name: String, _ size: UInt64) {
      self.name = name
      self.size = size
    }
  }

  /// By the names of the witnesses that are asked; 0 before the first cosignature.
  package let asked: [Size]
  /// How many of them the policy requires.
  package let required: Int
  /// The largest size that as many have signed; nil where none is required.
  package let complete: UInt64?
  /// By the origins of the logs that this node witnesses and has cosigned.
  package let witnessed: [Size]

  /// Figures of these parts.
  package init(asked: [Size], required: Int, complete: UInt64?, witnessed: [Size]) {
    self.asked = asked
    self.required = required
    self.complete = complete
    self.witnessed = witnessed
  }

  /// Their part of the page for Prometheus.
  package var page: String {
    var page = Exposition()
    page.add(
      "cairn_witness_cosigned_size", .gauge,
      "Entries of this log under the latest checkpoint that each witness cosigned; 0 before its first.",
      asked.map { .init($0.size, ["witness": $0.name]) })
    page.add(
      "cairn_witnesses_required", .gauge, "Witnesses that must have cosigned what the policy takes.",
      [.init(required)])
    page.add(
      "cairn_witnessed_complete_size", .gauge,
      "Entries of this log under the latest checkpoint that as many witnesses cosigned as are required.",
      complete.map { [.init($0)] } ?? [])
    page.add(
      "cairn_witnessed_size", .gauge,
      "Entries of each other log under the latest checkpoint that this node cosigned as its witness.",
      witnessed.map { .init($0.size, ["log": $0.name]) })
    return page.text
  }
}
