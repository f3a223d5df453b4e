/// A small generator (Steele, Lea, Flood 2014) that gives the same numbers for the same seed: a run, a ledger or a test that can be
/// had again.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Begins at a seed.
  package init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// A number below `bound`, which is at least 1; the bias of a 64-bit remainder does not matter where this is used.
  package mutating func number(below bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}
