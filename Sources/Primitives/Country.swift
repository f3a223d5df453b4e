/// Countries (ISO 3166-1 alpha-2).
package enum Country {
  /// Whether the code is one of the 249 that are officially assigned, or ZZ: the standard leaves it to its users, here it
  /// is no country stated.
  package static func isKnown(_ code: String) -> Bool { codes.contains(code) || code == "ZZ" }

  /// First letter, then the second letters that are assigned with it.
  private static let assigned = [
    "A": "DEFGILMOQRSTUWXZ", "B": "ABDEFGHIJLMNOQRSTVWYZ", "C": "ACDFGHIKLMNORUVWXYZ", "D": "EJKMOZ", "E": "CEGHRST",
    "F": "IJKMOR", "G": "ABDEFGHILMNPQRSTUWY", "H": "KMNRTU", "I": "DELMNOQRST", "J": "EMOP", "K": "EGHIMNPRWYZ",
    "L": "ABCIKRSTUVY", "M": "ACDEFGHKLMNOPQRSTUVWXYZ", "N": "ACEFGILOPRUZ", "O": "M", "P": "AEFGHKLMNRSTWY",
    "Q": "A", "R": "EOSUW", "S": "ABCDEGHIJKLMNORSTVXYZ", "T": "CDFGHJKLMNORTVWZ", "U": "AGMSYZ", "V": "ACEGINU",
    "W": "FS", "Y": "ET", "Z": "AMW",
  ]

  /// The 249 codes that are officially assigned.
  package static let codes = Set(assigned.flatMap { first, seconds in seconds.map { first + String($0) } })
}
