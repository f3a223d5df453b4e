import Consortium
import Wire

extension [Cairn_V1_Role] {
  /// The roles by the names that people type, for example `device, operator`.
  package var words: String { isEmpty ? "none" : names.joined(separator: ", ") }

  /// Each role's name; a role that this version does not know is called `role 42`.
  package var names: [String] { map { Role($0)?.rawValue ?? "role \($0.rawValue)" } }
}
