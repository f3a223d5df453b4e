package import Wire

extension Cairn_V1_TraceResponse {
  /// Adds the next part of the answer. An edge that was too long for one part is put together.
  package mutating func add(_ part: Cairn_V1_TraceResponse) {
    if part.hasSummary { summary = part.summary }
    nodes += part.nodes
    for edge in part.edges {
      if let last = edges.last, (last.kind, last.fromNode, last.toNode) == (edge.kind, edge.fromNode, edge.toNode) {
        edges[edges.count - 1].spans += edge.spans
      } else {
        edges.append(edge)
      }
    }
    stubs += part.stubs
    events += part.events
    consulted += part.consulted
    if part.hasEvidence { evidence.add(part.evidence) }
  }
}

extension Cairn_V1_EvidencePack {
  /// Adds the next part, as protobuf merges messages.
  fileprivate mutating func add(_ part: Cairn_V1_EvidencePack) {
    if part.version != 0 { version = part.version }
    if !part.ledgerID.isEmpty { ledgerID = part.ledgerID }
    if !part.checkpoint.isEmpty { checkpoint = part.checkpoint }
    authorPublicKeys += part.authorPublicKeys
    batches += part.batches
    records += part.records
    logHashes += part.logHashes
  }
}
