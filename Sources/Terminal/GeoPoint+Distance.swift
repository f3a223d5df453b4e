import Foundation
package import Provenance

extension GeoPoint {
  /// The Earth's mean radius in kilometres (IUGG).
  private static let earthRadius = 6_371.0088

  /// The way along the great circle, in kilometres. The Earth counts as a sphere: up to half a percent off.
  package func kilometres(to other: GeoPoint) -> Double {
    let (phi, otherPhi) = (latitude.radians, other.latitude.radians)
    let latitudes = sin((otherPhi - phi) / 2)
    let longitudes = sin((other.longitude.radians - longitude.radians) / 2)
    let haversine = latitudes * latitudes + cos(phi) * cos(otherPhi) * longitudes * longitudes
    return 2 * Self.earthRadius * asin(min(1, haversine.squareRoot()))
  }

  /// For example `350 m`, `4.2 km` or `1,734 km`.
  package static func words(kilometres: Double) -> String {
    if kilometres < 0.9995 { return "\(Int((kilometres * 1_000).rounded())) m" }
    if kilometres < 9.95 {
      let tenths = Int((kilometres * 10).rounded())
      return "\(tenths / 10).\(tenths % 10) km"
    }
    return "\(Int(kilometres.rounded()).grouped) km"
  }
}

extension MicroDegrees {
  fileprivate var radians: Double { Double(value) / 1_000_000 * .pi / 180 }
}
