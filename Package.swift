// swift-tools-version: 6.2
import PackageDescription

// `ENTENTE_FUZZ=1` adds the fuzz targets and instruments everything for them; `Fuzz/run` sets it.
let isFuzzing = Context.environment["ENTENTE_FUZZ"] != nil
let instrumentation: [SwiftSetting] = isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address"])] : []

// `ENTENTE_BENCHMARKS=1` adds what measures parts alone; `Benchmarks/policy` sets it.
let isMeasuring = Context.environment["ENTENTE_BENCHMARKS"] != nil

let strict: [SwiftSetting] =
    instrumentation + [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "entente",
    products: [.executable(name: "entente", targets: ["entente"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // System libraries: each is imported by the one target that owns it (SHA-256 is the exception, docs/dependencies.md).
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "CTLSBio", dependencies: ["COpenSSL"]),
        // SRV records; the system's resolver library has no module map of its own.
        .target(name: "CResolver", linkerSettings: [.linkedLibrary("resolv")]),

        .target(name: "MatrixFederation", dependencies: ["CSodium", "COpenSSL"], swiftSettings: strict),
        .target(name: "PolicyEngine", dependencies: ["MatrixFederation", "CYAML"], swiftSettings: strict),
        .target(name: "Audit", dependencies: ["MatrixFederation", "PolicyEngine"], swiftSettings: strict),
        // The only one that knows SQLite; never on a request's way.
        .target(
            name: "AuditIndex",
            dependencies: ["Audit", "MatrixFederation", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .target(
            name: "Transport", dependencies: ["COpenSSL", "CTLSBio", nioCore, nioPosix], swiftSettings: strict),
        .target(
            name: "Gateway",
            dependencies: [
                "MatrixFederation", "PolicyEngine", "Audit", "Transport", "CResolver", nioCore, nioPosix, logging,
                .product(name: "DequeModule", package: "swift-collections"),
                metrics,
            ],
            swiftSettings: strict),
        .target(
            name: "Console",
            dependencies: ["Transport", "Audit", "PolicyEngine", nioCore, nioPosix, logging, metrics],
            swiftSettings: strict),
        .executableTarget(
            name: "entente",
            dependencies: [
                "MatrixFederation", "PolicyEngine", "Audit", "AuditIndex", "Transport", "Gateway", "Console",
                nioCore, nioPosix, logging, metrics, lifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        .target(
            name: "TestKit", dependencies: ["MatrixFederation", "PolicyEngine", "Audit", "Transport"],
            path: "Tests/TestKit", swiftSettings: strict),
        .testTarget(
            name: "MatrixFederationTests", dependencies: ["MatrixFederation", "TestKit"], swiftSettings: strict),
        .testTarget(
            name: "PolicyEngineTests", dependencies: ["PolicyEngine", "MatrixFederation", "TestKit"],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "AuditTests", dependencies: ["Audit", "MatrixFederation", "PolicyEngine", "TestKit"],
            swiftSettings: strict),
        .testTarget(
            name: "AuditIndexTests",
            dependencies: ["AuditIndex", "Audit", "MatrixFederation", "PolicyEngine", "TestKit"],
            swiftSettings: strict),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "Transport", "TestKit", nioCore, nioPosix, nioEmbedded,
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "MatrixFederation", "PolicyEngine", "Audit", "Transport", "TestKit",
                nioCore, nioPosix, nioEmbedded, logging, metrics,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ConsoleTests",
            dependencies: ["Console", "Audit", "Transport", "TestKit", nioCore, nioPosix, metrics],
            swiftSettings: strict),
        // Runs the built binary as a child; needs no part of it.
        .testTarget(
            name: "CommandTests", dependencies: ["Audit", "MatrixFederation", "PolicyEngine", "TestKit", "Transport"],
            swiftSettings: strict),
    ]
)

/// The parsers that are fuzzed: a folder in `Fuzz/` and the target it drives.
let fuzzed = [
    ("JSON", "MatrixFederation"),
    ("CanonicalJSON", "MatrixFederation"),
    ("XMatrix", "MatrixFederation"),
    ("ServerName", "MatrixFederation"),
    ("YAML", "PolicyEngine"),
    ("ServerList", "PolicyEngine"),
    ("Endpoint", "MatrixFederation"),
    ("Transaction", "MatrixFederation"),
    ("Answer", "MatrixFederation"),
    ("PolicySignatures", "PolicyEngine"),
    ("HTTPHead", "Transport"),
    ("Note", "Audit"),
    ("AddCheckpoint", "Audit"),
    ("OfficerActs", "PolicyEngine"),
    ("ControlCall", "PolicyEngine"),
]

if isFuzzing {
    // gold, SwiftPM's usual linker here, dies on instrumented programs.
    let linking: [LinkerSetting] = [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]
    package.targets += [
        .target(name: "CFuzz", path: "Fuzz/CFuzz"),
        .target(name: "FuzzDriver", dependencies: ["CFuzz"], path: "Fuzz/Driver", swiftSettings: strict),
    ]
    for (name, target) in fuzzed {
        package.targets.append(
            .executableTarget(
                name: "Fuzz\(name)", dependencies: ["FuzzDriver", .byName(name: target), nioCore], path: "Fuzz/\(name)",
                swiftSettings: strict, linkerSettings: linking))
    }
}

if isMeasuring {
    package.targets.append(
        .executableTarget(
            name: "PolicyCost", dependencies: ["PolicyEngine", "MatrixFederation"], path: "Benchmarks/PolicyCost",
            swiftSettings: strict))
    package.targets.append(
        .executableTarget(
            name: "AuditCost", dependencies: ["Audit", "MatrixFederation", "PolicyEngine"],
            path: "Benchmarks/AuditCost",
            swiftSettings: strict))
    package.targets.append(
        .executableTarget(
            name: "ParsingCost", dependencies: ["Audit", "MatrixFederation"], path: "Benchmarks/ParsingCost",
            swiftSettings: strict))
    package.targets.append(
        .executableTarget(
            name: "LogCost", dependencies: ["Audit", "Gateway", "MatrixFederation", "PolicyEngine", "Transport"],
            path: "Benchmarks/LogCost", swiftSettings: strict))
    package.targets.append(
        .executableTarget(
            name: "YearLog", dependencies: ["Audit"], path: "Benchmarks/YearLog", swiftSettings: strict))
    package.targets.append(
        .executableTarget(
            name: "ReplayCost", dependencies: ["Audit", "PolicyEngine", "MatrixFederation"],
            path: "Benchmarks/ReplayCost", swiftSettings: strict))
}
