import Primitives
import Testing

@Suite struct SipHashTests {
  /// The vectors of the paper's reference implementation: key 00 01 … 0f, inputs "", 00, 00 01, and so on.
  @Test(
    arguments: [
      (0, 0x726F_DB47_DD0E_0E31), (1, 0x74F8_39C5_93DC_67FD), (7, 0xAB02_00F5_8B01_D137),
      (8, 0x93F5_F579_9A93_2462), (15, 0xA129_CA61_49BE_45E5), (63, 0x958A_324C_EB06_4572),
    ] as [(Int, UInt64)])
  func givesThePublishedHashes(count: Int, expected: UInt64) {
    let input = (0..<count).map { UInt8($0) }
    let hash = input.withUnsafeBytes { SipHash.hash($0, key: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908)) }
    #expect(hash == expected)
  }
}
