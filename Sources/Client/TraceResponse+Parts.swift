import SwiftProtobuf
package import Wire

extension Cairn_V1_TraceResponse {
  /// Adds the next part of the answer, as protobuf merges messages, whatever fields it has. An edge that was too long for
  /// one part is put together.
  package mutating func add(_ part: Cairn_V1_TraceResponse) throws {
    var rest = part
    rest.edges = []
    let bytes: [UInt8] = try rest.serializedBytes()
    try merge(serializedBytes: bytes)
    for edge in part.edges {
      if let last = edges.last, (last.kind, last.fromNode, last.toNode) == (edge.kind, edge.fromNode, edge.toNode) {
        edges[edges.count - 1].spans += edge.spans
      } else {
        edges.append(edge)
      }
    }
  }
}
