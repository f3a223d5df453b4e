import Testing

@Suite struct ConsensusTests {}
