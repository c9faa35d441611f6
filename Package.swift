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
// Machine, what the processor can do, lies under Implementations and Oracle; of both there are wider twins on x86-64.
// Training and Mutants hang between GatedDeltaRule and gdr alone; nothing but gdr and the tests imports Mutants.
// Oracle has no arrow to Implementations, Foreign or Mutants: the judge has never met the accused.

/// Numeric targets are optimised in debug builds too, so that a plain `swift test` judges at the speed of a
/// release build; the bits are the same either way.
let numeric: [SwiftSetting] = [
  .unsafeFlags(["-O", "-wmo", "-num-threads", "2", "-disable-batch-mode"], .when(configuration: .debug))
]

/// The implementations, and the oracle's sweep, once more for processors with AVX2 and FMA, and the implementations
/// again for those with AVX-512: the same sources and the same bits, twice and four times as wide. Swift fuses no
/// multiply-add that is not written as one.
#if arch(x86_64)
  let twins = [
    twin("WideImplementations", defines: ["WIDE"], features: ["avx2", "fma"]),
    twin("WideSweep", defines: ["WIDE"], features: ["avx2", "fma"]),
    twin(
      "WidestImplementations", defines: ["WIDE", "WIDEST"],
      features: ["avx2", "fma", "avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"]),
  ]
#else
  let twins: [Target] = []
#endif

/// The sources under this name, a link to a folder, for a processor with these features.
@MainActor func twin(_ name: String, defines: [String], features: [String]) -> Target {
  .target(
    name: name, dependencies: ["GatedDeltaRule"],
    swiftSettings: numeric + defines.map { .define($0) }
      + [.unsafeFlags(features.flatMap { ["-Xcc", "-m\($0)"] })])
}

/// The twins of this folder, where there are any.
@MainActor func twins(of folder: String) -> [Target.Dependency] {
  twins.filter { $0.name.hasSuffix(folder) }.map { .target(name: $0.name) }
}

/// libFuzzer brings a main of its own, which a test bundle cannot be linked with: only where GDR_FUZZER is set.
let fuzzer: [Target] =
  Context.environment["GDR_FUZZER"] == nil
  ? []
  : [
    .executableTarget(
      name: "Fuzzer", dependencies: ["GatedDeltaRule", "Implementations", "Foreign", "Generator", "Oracle"],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
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

    // What the processor can do.
    .target(name: "Machine"),

    // The accused.
    .target(
      name: "Implementations", dependencies: ["GatedDeltaRule", "Machine"] + twins(of: "Implementations"),
      swiftSettings: numeric),

    // Programs in any language, and files that other libraries wrote: safetensors.
    .target(
      name: "Foreign", dependencies: ["GatedDeltaRule"], exclude: ["Protocol.md"], swiftSettings: numeric),

    // The cases.
    .target(name: "Generator", dependencies: ["GatedDeltaRule"], swiftSettings: numeric),

    // The judge.
    .target(
      name: "Oracle", dependencies: ["GatedDeltaRule", "Generator", "Machine"] + twins(of: "Sweep"),
      exclude: ["Corpus.md", "HonestRuns.md", "HonestRuns.svg", "Mathematics.md"],
      swiftSettings: numeric),

    // The accused for testing the judge: clean specimens, and the same with one planted fault each.
    .target(name: "Mutants", dependencies: ["GatedDeltaRule"], swiftSettings: numeric),

    // A small language model, for what a layer's implementation means to training.
    .target(name: "Training", dependencies: ["GatedDeltaRule"], swiftSettings: numeric),

    // The tool that introduces them.
    .executableTarget(
      name: "gdr",
      dependencies: [
        "GatedDeltaRule", "Implementations", "Foreign", "Generator", "Oracle", "Mutants", "Training",
      ]),

    .testTarget(name: "GatedDeltaRuleTests", dependencies: ["GatedDeltaRule"]),
    .testTarget(
      name: "ImplementationsTests",
      dependencies: ["GatedDeltaRule", "Implementations", "Generator", "Oracle", "Machine"]),
    .testTarget(name: "ForeignTests", dependencies: ["GatedDeltaRule", "Foreign", "Generator", "Oracle"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "gdr", "Foreign", "GatedDeltaRule", "Implementations", "Generator", "Oracle", "Training",
      ]),
    .testTarget(name: "GeneratorTests", dependencies: ["GatedDeltaRule", "Generator"]),
    .testTarget(
      name: "OracleTests",
      dependencies: ["GatedDeltaRule", "Generator", "Oracle", "Machine"] + twins(of: "Sweep")),
    .testTarget(
      name: "CourtTests",
      dependencies: ["GatedDeltaRule", "Implementations", "Foreign", "Generator", "Oracle", "Mutants"]),
  ] + twins + fuzzer,
  swiftLanguageModes: [.v6]
)
