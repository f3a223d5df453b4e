extension Vocabulary {
  /// One vocabulary of the standard: its words and what they are prefixed with in each spelling.
  struct Definition {
    /// For messages.
    let label: String
    /// In front of a word in canonical form.
    let canonicalPrefix: String
    /// In front of a word in other spellings.
    let prefixes: [String]
    /// Where only the standard may define values.
    let reserved: [StaticString]
    let words: [String]

    /// Every spelling of every word, with its canonical form.
    var spellings: [String: String] {
      var spellings: [String: String] = [:]
      for word in words {
        let canonical = canonicalPrefix + word
        for prefix in prefixes + ["", canonicalPrefix] { spellings[prefix + word] = canonical }
      }
      return spellings
    }
  }

  var definition: Definition {
    switch self {
    case .bizStep: .cbv("business step", name: "BizStep", urn: "bizstep", Self.bizStepWords)
    case .disposition: .cbv("disposition", name: "Disp", urn: "disp", Self.dispositionWords)
    case .bizTransactionType: .cbv("business transaction type", name: "BTT", urn: "btt", Self.bizTransactionWords)
    case .sourceDestinationType:
      .cbv("source or destination type", name: "SDT", urn: "sdt", "owning_party possessing_party location")
    case .errorReason: .cbv("error reason", name: "ER", urn: "er", "did_not_occur incorrect_data")
    case .component: .cbv("component", name: "Comp", urn: "comp", Self.componentWords)
    case .measurementType: .gs1("measurement type", Self.measurementWords)
    case .sensorAlertType: .gs1("sensor alert type", "ALARM_CONDITION ERROR_CONDITION")
    }
  }

  /// CBV 2.0, section 7.1.
  private static let bizStepWords = """
    accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting \
    decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting \
    installing killing loading other packing picking receiving removing repackaging repairing replacing reserving \
    retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting \
    unloading unpacking void_shipping
    """

  /// CBV 2.0, section 7.2.
  private static let dispositionWords = """
    active available completeness_inferred completeness_verified conformant container_closed container_open damaged \
    destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance \
    mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed \
    recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
    """

  /// CBV 2.0, section 7.3.
  private static let bizTransactionWords =
    "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"

  /// CBV 2.0, section 7.7.
  private static let componentWords = """
    x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude \
    longitude altitude
    """

  /// GS1 web vocabulary, the measurement types that CBV 2.0 names in section 7.6.
  private static let measurementWords = """
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
    """
}

extension Vocabulary.Definition {
  /// A vocabulary of CBV: `cbv:Name-word`, `urn:epcglobal:cbv:urn:word`, `https://ref.gs1.org/cbv/Name-word`.
  static func cbv(_ label: String, name: String, urn: String, _ words: String) -> Self {
    Self(
      label: label, canonicalPrefix: "https://ref.gs1.org/cbv/\(name)-",
      prefixes: ["cbv:\(name)-", "urn:epcglobal:cbv:\(urn):"],
      reserved: ["cbv:", "urn:epcglobal:cbv:", "https://ref.gs1.org/cbv/"],
      words: words.split(separator: " ").map(String.init))
  }

  /// Types of the GS1 web vocabulary: `gs1:Word`, `https://ref.gs1.org/voc/Word`, and its former address.
  static func gs1(_ label: String, _ words: String) -> Self {
    Self(
      label: label, canonicalPrefix: "https://ref.gs1.org/voc/", prefixes: ["gs1:", "https://gs1.org/voc/"],
      reserved: [], words: words.split(separator: " ").map(String.init))
  }
}
