// swift-tools-version: 6.2
import PackageDescription

/// One set of rules for every Swift target: language mode 6, explicit imports, warnings are errors.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grpcTransport = Target.Dependency.product(
  name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let jwt = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
  name: "cairn",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "cairnd", targets: ["cairnd"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: [
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CNATS", pkgConfig: "libnats", providers: [.apt(["libnats-dev"])]),

    // Pure rooms: no I/O, no clock, no randomness.
    // Generated message storage only: dynamic exclusivity checks there cost a third of an event's validation.
    .target(
      name: "Wire", dependencies: [protobuf],
      swiftSettings: settings + [.unsafeFlags(["-enforce-exclusivity=unchecked"])]),
    room("Primitives"),
    room("SeededRandom"),
    room("Signing", ["Primitives", "COpenSSL"]),
    room("Merkle", ["Primitives", "Signing"]),
    room("Checkpoints", ["Merkle", "Signing", "Primitives"]),
    room("Consortium", ["Wire", "Primitives", "Signing"]),
    room("Provenance", ["Wire", "Primitives", "Signing", protobuf]),
    room("EPCIS", ["Wire", "Primitives", protobuf]),
    room(
      "Ledger",
      [
        "Wire", "Primitives", "Signing", "Merkle", "Checkpoints", "Consortium", "Provenance", protobuf,
      ]),
    room(
      "Consensus",
      ["Wire", "Primitives", "Signing", "Merkle", "Checkpoints", "Consortium", "Ledger", protobuf]),
    room(
      "Simulation",
      [
        "SeededRandom", "Consensus", "Wire", "Primitives", "Signing", "Merkle", "Checkpoints", "Consortium", "Ledger",
        protobuf,
      ]),
    room(
      "GenesisFile",
      ["Wire", "Primitives", "Signing", "Checkpoints", "Consortium", "Ledger", "EPCIS", protobuf, yams]),

    // Rooms with effects.
    room(
      "Store",
      [
        "Ledger", "Checkpoints", "Consensus", "Consortium", "Merkle", "Primitives", "Provenance", "Signing", "Wire",
        grdb, protobuf,
      ]),
    room("Engine", ["Primitives", "CNATS"]),
    room(
      "Ordering",
      [
        "Checkpoints", "Consensus", "Consortium", "Engine", "Ledger", "Store", "Merkle", "Primitives", "Signing",
        "Wire", protobuf,
      ]),
    room(
      "Queries",
      [
        "Checkpoints", "Ledger", "Store", "Consortium", "Provenance", "Merkle", "Primitives", "Signing", "Wire", crypto,
        protobuf,
      ]),
    room("WireRPC", ["Wire", grpcCore, grpcProtobuf, protobuf]),
    room(
      "RPCServices",
      [
        "Wire", "WireRPC", "Primitives", "Signing", "Checkpoints", "Consortium", "Tokens", "Store", "Queries",
        "Ordering", grpcCore, grpcProtobuf, grpcTransport, nio, nioPosix, nioHTTP2, nioHPACK, nioTLS, nioSSL, protobuf,
        logging, lifecycle,
      ]),
    room("Certificates", ["Primitives", "Signing", x509, asn1, crypto]),
    room("Tokens", ["Primitives", "Signing", jwt]),
    room(
      "Client",
      [
        "Certificates", "Tokens", "Wire", "WireRPC", "Primitives", "Signing", grpcCore, grpcProtobuf, grpcTransport,
        protobuf,
      ]),
    room(
      "Telemetry",
      ["Consensus", "Engine", "Ordering", "Primitives", "Signing", "Consortium", "Store", lifecycle, logging]),
    room(
      "Gateway",
      ["Primitives", "Merkle", "Queries", "Witnesses", hummingbird, httpTypes, nio, nioPosix, lifecycle, logging]),
    room(
      "Witnesses",
      [
        "Checkpoints", "GenesisFile", "Primitives", "Queries", "Signing", "Store", "Wire", httpClient, lifecycle,
        logging, nio, nioHTTP1, nioPosix,
      ]),
    room(
      "Peers",
      [
        "Client", "Checkpoints", "Consensus", "Consortium", "Ledger", "Merkle", "Primitives", "Signing", "Store",
        "Wire", protobuf,
      ]),
    room("Outbox", ["Ledger", "Primitives", "Signing", "Wire", grdb, protobuf]),
    room("Capture", ["Client", "Outbox", "EPCIS", "Ledger", "Provenance", "Primitives", "Signing", "Wire", protobuf]),
    room(
      "Terminal",
      [
        "EPCIS", "Ledger", "Checkpoints", "Consortium", "Provenance", "Primitives", "Signing", "Wire", protobuf,
      ]),

    program(
      "cairnd",
      [
        "Certificates", "Checkpoints", "Client", "Consensus", "Consortium", "Engine", "Gateway", "GenesisFile",
        "Ledger", "Merkle", "Ordering", "Peers", "Primitives", "Queries", "RPCServices", "Signing", "Telemetry",
        "Store", "Wire", "Witnesses", arguments, lifecycle, logging, protobuf, signals,
      ]),
    program(
      "cairn",
      [
        "Capture", "Certificates", "Client", "Outbox", "Terminal", "Tokens", "EPCIS", "GenesisFile", "Ledger",
        "Checkpoints", "Merkle", "Consortium", "Provenance", "Primitives", "Signing", "Wire", arguments, protobuf,
      ]),
    program("cairn-simulate", ["Simulation", arguments]),
    program(
      "cairn-bench",
      [
        "SeededRandom", "Certificates", "Engine", "Ledger", "Primitives", "Signing", "Wire", "WireRPC", arguments,
        grpcCore, grpcProtobuf, grpcTransport, protobuf,
      ]),

    tests("OutboxTests", ["Outbox", "Ledger", "Primitives", "Signing", "Wire", grdb, protobuf]),
    tests(
      "TerminalTests",
      [
        "Terminal", "EPCIS", "Ledger", "Checkpoints", "Consortium", "Merkle", "Primitives", "Signing", "Wire", protobuf,
      ]),
    tests("CaptureTests", ["Capture", "Ledger", "Outbox", "Primitives", "Signing", "Wire", protobuf]),
    tests("ClientTests", ["Client", "Primitives", "Wire", "WireRPC", grpcCore, grpcProtobuf, grpcTransport, protobuf]),
    tests("HouseTests", []),
    tests(
      "ConsensusTests",
      ["Consensus", "Wire", "Primitives", "Signing", "Merkle", "Checkpoints", "Consortium", "Ledger", protobuf]),
    tests("SimulationTests", ["Simulation"]),
    tests("PrimitivesTests", ["Primitives"]),
    tests("SigningTests", ["Signing", "Primitives"]),
    tests("MerkleTests", ["SeededRandom", "Merkle", "Signing", "Primitives"]),
    tests("CheckpointsTests", ["SeededRandom", "Checkpoints", "Merkle", "Signing", "Primitives"]),
    tests("ConsortiumTests", ["SeededRandom", "Consortium", "Primitives", "Signing", "Wire", protobuf]),
    tests("ProvenanceTests", ["SeededRandom", "Provenance", "Primitives", "Wire", protobuf]),
    tests("EPCISTests", ["SeededRandom", "EPCIS", "Primitives", "Wire", protobuf]),
    tests(
      "LedgerTests",
      [
        "SeededRandom", "Ledger", "Consortium", "Checkpoints", "EPCIS", "Merkle", "Primitives", "Provenance", "Signing",
        "Wire", protobuf,
      ]),
    tests(
      "GenesisFileTests",
      ["GenesisFile", "Ledger", "Consortium", "Merkle", "Primitives", "Signing", "Wire", protobuf]),
    tests(
      "StoreTests",
      [
        "SeededRandom", "Store", "Ledger", "Checkpoints", "Consensus", "Consortium", "Merkle", "Primitives",
        "Provenance", "Signing", "Wire", grdb, protobuf,
      ]),
    tests(
      "OrderingTests",
      [
        "SeededRandom", "Ordering", "Checkpoints", "Consensus", "Engine", "Ledger", "Merkle", "Primitives", "Signing",
        "Store", "Wire", protobuf,
      ]),
    tests("EngineTests", ["Engine", "Primitives"]),
    tests(
      "QueriesTests",
      [
        "SeededRandom", "Queries", "Checkpoints", "Ledger", "Store", "Consortium", "Merkle", "Primitives", "Provenance",
        "Signing", "Wire", protobuf,
      ]),
    tests(
      "PeersTests",
      [
        "Peers", "Checkpoints", "Client", "Consensus", "Consortium", "Ledger", "Merkle", "Primitives", "Signing",
        "Store", "Wire", protobuf,
      ]),
    tests(
      "RPCServicesTests",
      [
        "RPCServices", "Certificates", "Consortium", "Ledger", "Merkle", "Primitives", "Signing", "Store", "Tokens",
        "Wire", "WireRPC", grpcCore, grpcProtobuf, nio, nioEmbedded, nioTLS, nioSSL, protobuf, logging,
      ]),
    tests("CertificatesTests", ["Certificates", "Primitives", "Signing", x509, asn1]),
    tests(
      "TelemetryTests", ["Telemetry", "Consortium", "Primitives", "Signing", "Wire", protobuf]),
    tests("TokensTests", ["Tokens", "Primitives", "Signing"]),
  ]
)
