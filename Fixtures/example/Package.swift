// swift-tools-version: 6.2
import PackageDescription

// A package with a kernel of its own, tested by the oracle.
let package = Package(
  name: "example",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "gdr", path: "../..")],
  targets: [
    .target(name: "Kernel", dependencies: [.product(name: "GatedDeltaRule", package: "gdr")]),
    .testTarget(
      name: "KernelTests", dependencies: ["Kernel", .product(name: "Oracle", package: "gdr")]),
  ]
)
