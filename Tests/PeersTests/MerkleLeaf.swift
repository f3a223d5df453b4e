import Foundation
import Merkle
import Primitives

enum MerkleLeaf {
  static func hash(_ record: Data) -> Data { Data(MerkleTree.leafHash(record).bytes) }
}
