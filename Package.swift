// swift-tools-version: 6.2
import PackageDescription

//                      +------------------+
//                      |  GatedDeltaRule  |
//                      +------------------+
//                        ^      ^      ^  ^
//       +----------------+      |      |  +-------+----------------+
// +-----------------+  +---------+  +-----------+  | +-------+  +--------+
// | Implementations |  | Foreign |  | Generator |  +-| Sweep |<-| Oracle |
// +-----------------+  +---------+  +-----------+    +-------+  +--------+
//          ^                ^              ^---------------------+  ^
//          +----------------+----------------- gdr -----------------+
//
// Twin stands beside Sweep, under Oracle alone. Inversion stands under gdr alone.
// Machine, what the computer can do and give, lies under all of them but GatedDeltaRule and Mutants. Kernels lies under
// Implementations. Kernels and Sweep are compiled once more for wider vectors on x86-64.
// Training and Mutants hang between GatedDeltaRule, Machine and gdr; nothing but gdr and the tests imports Mutants.
// Oracle has no arrow to Implementations, Foreign or Mutants: the judge never imports what it judges.
//
// A package that depends on a version of this one builds because this one asks for tools 6.2: before, SwiftPM refuses
// versioned dependencies that have unsafeFlags.

/// Numeric targets are optimised in debug builds too, so that a plain `swift test` judges at the speed of a
/// release build; the bits are the same either way. GDR_PLAIN in the environment leaves them as they are: for a
/// debugger, and for quick builds while editing.
let isPlain = Context.environment["GDR_PLAIN"] != nil
let numeric: [SwiftSetting] =
  isPlain
  ? []
  : [.unsafeFlags(["-O", "-wmo", "-num-threads", "2", "-disable-batch-mode"], .when(configuration: .debug))]

/// Kernels and Sweep once more for processors with AVX2 and FMA, and Kernels again for those with AVX-512: the same
/// sources and the same bits, twice and four times as wide. Swift fuses no multiply-add that is not written as one.
#if arch(x86_64)
  let twins =
    isPlain
    ? []
    : [
      twin("KernelsAVX2", defines: ["WIDE"], features: ["avx2", "fma"]),
      twin("SweepAVX2", defines: ["WIDE"], features: ["avx2", "fma"]),
      twin(
        "KernelsAVX512", defines: ["WIDE", "WIDEST"],
        features: ["avx2", "fma", "avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"]),
    ]
#else
  let twins: [Target] = []
#endif

/// The sources under this name, a link to a folder, for a processor with these features.
@MainActor func twin(_ name: String, defines: [String], features: [String]) -> Target {
  .target(
    name: name, dependencies: ["GatedDeltaRule", "Machine"],
    swiftSettings: numeric + defines.map { .define($0) }
      + [.unsafeFlags(features.flatMap { ["-Xcc", "-m\($0)"] })])
}

/// The twins of this folder, where there are any.
@MainActor func twins(of folder: String) -> [Target.Dependency] {
  twins.filter { $0.name.hasPrefix(folder) }.map { .target(name: $0.name) }
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
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "gdr", targets: ["gdr"]),
    .library(name: "GatedDeltaRule", targets: ["GatedDeltaRule"]),
    .library(name: "Oracle", targets: ["Oracle"]),
    .library(name: "Foreign", targets: ["Foreign"]),
  ],
  targets: [
    // The mathematics: nouns and one protocol.
    .target(name: "GatedDeltaRule", swiftSettings: numeric),

    // What the computer can do and give: the processor's vectors, the C library, files that are whole or not there.
    .target(name: "Machine"),

    // The implementations under test: their arithmetic, and the list of them.
    .target(name: "Kernels", dependencies: ["GatedDeltaRule", "Machine"], swiftSettings: numeric),
    .target(
      name: "Implementations", dependencies: ["GatedDeltaRule", "Machine", "Kernels"] + twins(of: "Kernels")),

    // Every way to solve the bare triangular system, in every format of products: for `gdr guard`.
    .target(name: "Inversion", dependencies: ["GatedDeltaRule"], swiftSettings: numeric),

    // Programs in any language, and files that other libraries wrote: safetensors.
    .target(name: "Foreign", dependencies: ["GatedDeltaRule", "Machine"], swiftSettings: numeric),

    // The cases.
    .target(name: "Generator", dependencies: ["GatedDeltaRule", "Machine"], swiftSettings: numeric),

    // The reference and its bounds in one sweep over the tokens.
    .target(name: "Sweep", dependencies: ["GatedDeltaRule", "Machine"], swiftSettings: numeric),

    // The judge's own evaluation with roundings placed at random: how large honest errors are.
    .target(name: "Twin", dependencies: ["GatedDeltaRule", "Machine"], swiftSettings: numeric),

    // The judge.
    .target(
      name: "Oracle",
      dependencies: ["GatedDeltaRule", "Generator", "Machine", "Sweep", "Twin"] + twins(of: "Sweep"),
      // A file sees the members of what it imports itself: only one imports the twin of Sweep.
      swiftSettings: numeric + [.enableUpcomingFeature("MemberImportVisibility")]),

    // Implementations for testing the judge: clean specimens, and the same with one planted fault each.
    .target(name: "Mutants", dependencies: ["GatedDeltaRule"], swiftSettings: numeric),

    // A small language model, for what a layer's implementation means to training.
    .target(name: "Training", dependencies: ["GatedDeltaRule", "Machine"], swiftSettings: numeric),

    // The tool that introduces them.
    .executableTarget(
      name: "gdr",
      dependencies: [
        "GatedDeltaRule", "Machine", "Kernels", "Implementations", "Foreign", "Generator", "Inversion",
        "Oracle",
        "Mutants", "Training",
      ],
      // What `gdr init-worker` prints: files of their languages, in the binary as bytes.
      resources: [
        "worker.py", "session.py", "torch_worker.py", "repro.py", "worker.cpp", "worker.swift",
      ].map { .embedInCode("Workers/\($0)") },
      // It waits for the others, so it is not optimised: half of its time to build, none of a run's.
      swiftSettings: [.unsafeFlags(["-Onone"], .when(configuration: .release))]),

    // What the tests share.
    .target(
      name: "Support", dependencies: ["GatedDeltaRule", "Generator", "Foreign", "Oracle"],
      path: "Tests/Support",
      swiftSettings: numeric),

    .testTarget(name: "GatedDeltaRuleTests", dependencies: ["GatedDeltaRule", "Support"]),
    .testTarget(name: "MachineTests", dependencies: ["Machine", "Support"]),
    .testTarget(
      name: "KernelsTests",
      dependencies: ["GatedDeltaRule", "Machine", "Kernels", "Implementations", "Generator", "Support"]),
    .testTarget(
      name: "InversionTests",
      dependencies: ["GatedDeltaRule", "Generator", "Inversion", "Kernels", "Support"]),
    .testTarget(
      name: "ImplementationsTests",
      dependencies: ["GatedDeltaRule", "Implementations", "Support"]),
    .testTarget(
      name: "ForeignTests",
      dependencies: ["GatedDeltaRule", "Foreign", "Generator", "Machine", "Oracle", "Support"]),
    .testTarget(
      name: "gdrTests",
      dependencies: [
        "gdr", "Foreign", "GatedDeltaRule", "Implementations", "Inversion", "Kernels", "Machine", "Generator",
        "Oracle", "Support", "Training",
      ]),
    .testTarget(name: "GeneratorTests", dependencies: ["GatedDeltaRule", "Generator", "Support"]),
    .testTarget(
      name: "SweepTests",
      dependencies: ["GatedDeltaRule", "Generator", "Machine", "Sweep"] + twins(of: "Sweep")),
    .testTarget(
      name: "TwinTests",
      dependencies: ["GatedDeltaRule", "Generator", "Machine", "Oracle", "Support", "Twin"]),
    .testTarget(
      name: "OracleTests",
      dependencies: ["GatedDeltaRule", "Generator", "Oracle", "Machine", "Support", "Sweep", "Twin"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "GatedDeltaRule", "Implementations", "Foreign", "Machine", "Generator", "Oracle", "Mutants",
        "Support",
      ]),
  ] + twins + fuzzer,
  swiftLanguageModes: [.v6]
)
