import Consortium
import Primitives

// What the door asks of the consortium's rules; nothing else in this room does.

extension AuthorKey {
  /// When the key ends by itself, if it does.
  var expiresAt: Instant? { notAfter.latest }
}
