// swift-tools-version: 6.2
import PackageDescription

//                      +------------------+
//                      |  GatedDeltaRule  |
//                      +------------------+
//                        ^      ^      ^  ^
//       +----------------+      |      |  +------------------+
// +-----------------+  +---------+  +-----------+        +---------+
// | Implementations |  | Foreign |  | Generator |<-------| Oracle  |
// +-----------------+  +---------+  +-----------+        +---------+
//          ^                ^                                 ^
//          +----------------+------------- gdr ---------------+
//
// Training hangs between GatedDeltaRule and gdr alone.
// Oracle has no arrow to Implementations or Foreign: the judge has never met the accused.

/// Numeric targets are optimised in debug builds too, so that a plain `swift test` judges at the speed of a
/// release build; the bits are the same either way.
let numeric: [SwiftSetting] = [
  .unsafeFlags(["-O", "-wmo", "-num-threads", "2", "-disable-batch-mode"], .when(configuration: .debug))
]

let package = Package(
  name: "gdr",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "gdr", targets: ["gdr"]),
    .library(name: "GatedDeltaRule", targets: ["GatedDeltaRule"]),
    .library(name: "Oracle", targets: ["Oracle"]),
    .library(name: "Foreign", targets: ["Foreign"]),
  ],
  targets: [
    // The mathematics: nouns and one protocol.
    .target(name: "GatedDeltaRule", swiftSettings: numeric),

    // The accused.
    .target(name: "Implementations", dependencies: ["GatedDeltaRule"], swiftSettings: numeric),

    // Programs in any language, and files that other libraries wrote: safetensors.
    .target(
      name: "Foreign", dependencies: ["GatedDeltaRule"], exclude: ["Protocol.md"], swiftSettings: numeric),

    // The cases.
    .target(name: "Generator", dependencies: ["GatedDeltaRule"], swiftSettings: numeric),

    // The judge.
    .target(name: "Oracle", dependencies: ["GatedDeltaRule", "Generator"], swiftSettings: numeric),

    // A small language model, for what a layer's implementation means to training.
    .target(name: "Training", dependencies: ["GatedDeltaRule"], swiftSettings: numeric),

    // The tool that introduces them.
    .executableTarget(
      name: "gdr",
      dependencies: ["GatedDeltaRule", "Implementations", "Foreign", "Generator", "Oracle", "Training"]),

    .testTarget(name: "GatedDeltaRuleTests", dependencies: ["GatedDeltaRule"]),
    .testTarget(
      name: "ImplementationsTests",
      dependencies: ["GatedDeltaRule", "Implementations", "Generator", "Oracle"]),
    .testTarget(name: "ForeignTests", dependencies: ["GatedDeltaRule", "Foreign"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "gdr", "Foreign", "GatedDeltaRule", "Implementations", "Generator", "Oracle", "Training",
      ]),
    .testTarget(name: "GeneratorTests", dependencies: ["GatedDeltaRule", "Generator"]),
    .testTarget(name: "OracleTests", dependencies: ["GatedDeltaRule", "Generator", "Oracle"]),
    .testTarget(
      name: "CourtTests",
      dependencies: ["GatedDeltaRule", "Implementations", "Foreign", "Generator", "Oracle"]),
  ],
  swiftLanguageModes: [.v6]
)
