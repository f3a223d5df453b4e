/// One vocabulary of the standard: its words, and every spelling of each with its canonical form.
final class StandardValues: Sendable {
  /// For messages.
  let label: String
  let words: [String]
  /// Where only the standard may define values.
  let reserved: [StaticString]
  let spellings: [String: String]

  private init(
    _ label: String, canonicalPrefix: String, prefixes: [String], reserved: [StaticString], words: String
  ) {
    self.label = label
    self.words = words.split(separator: " ").map(String.init)
    self.reserved = reserved
    var spellings: [String: String] = [:]
    for word in self.words {
      let canonical = canonicalPrefix + word
      for prefix in prefixes + ["", canonicalPrefix] { spellings[prefix + word] = canonical }
    }
    self.spellings = spellings
  }

  /// A vocabulary of CBV: `cbv:Name-word`, `urn:epcglobal:cbv:urn:word`, `https://ref.gs1.org/cbv/Name-word`.
  private convenience init(_ label: String, cbv name: String, urn: String, _ words: String) {
    self.init(
      label, canonicalPrefix: "https://ref.gs1.org/cbv/\(name)-",
      prefixes: ["cbv:\(name)-", "urn:epcglobal:cbv:\(urn):"],
      reserved: ["cbv:", "urn:epcglobal:cbv:", "https://ref.gs1.org/cbv/"], words: words)
  }

  /// Types of the GS1 web vocabulary, which grows: `gs1:Word`, `https://ref.gs1.org/voc/Word`, and its former address.
  private convenience init(gs1 label: String, _ words: String) {
    self.init(
      label, canonicalPrefix: "https://ref.gs1.org/voc/", prefixes: ["gs1:", "https://gs1.org/voc/"], reserved: [],
      words: words)
  }
}

extension StandardValues {
  /// CBV 2.0, section 7.1.
  static let bizSteps = StandardValues(
    "business step", cbv: "BizStep", urn: "bizstep",
    """
    accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting \
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting \
    installing killing loading other packing picking receiving removing repackaging repairing replacing reserving \
    retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting \
    unloading unpacking void_shipping
    """)

  /// CBV 2.0, section 7.2.
  static let dispositions = StandardValues(
    "disposition", cbv: "Disp", urn: "disp",
    """
    active available completeness_inferred completeness_verified conformant container_closed container_open damaged \
    destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance \
    mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed \
    recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
    """)

  /// CBV 2.0, section 7.3.
  static let bizTransactionTypes = StandardValues(
    "business transaction type", cbv: "BTT", urn: "btt",
    "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt")

  /// CBV 2.0, section 7.4.
  static let sourceDestinationTypes = StandardValues(
    "source or destination type", cbv: "SDT", urn: "sdt", "owning_party possessing_party location")

  /// CBV 2.0, section 7.5.
  static let errorReasons = StandardValues("error reason", cbv: "ER", urn: "er", "did_not_occur incorrect_data")

  /// CBV 2.0, sensor report components.
  static let components = StandardValues(
    "component", cbv: "Comp", urn: "comp",
    """
    x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude \
    longitude altitude
    """)

  /// Types of the GS1 web vocabulary that a sensor may alert about.
  static let sensorAlertTypes = StandardValues(gs1: "sensor alert type", "ALARM_CONDITION ERROR_CONDITION")

  /// Types of the GS1 web vocabulary that a sensor may measure.
  static let measurementTypes = StandardValues(
    gs1: "measurement type",
    """
    AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance \
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance \
    Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity \
    ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency \
    Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux \
    LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate \
    MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux \
    RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed \
    SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction \
    VolumetricFlux Wavenumber
    """)
}
