import Foundation

/// The machine under this process, for people who compare two runs.
package enum Computer {
  /// `Linux x86_64, AMD EPYC 9B14, 2 cores, 8 GiB, vectors widest`; what the system does not say is left out.
  package static let text: String = {
    let information = ProcessInfo.processInfo
    let cores = information.activeProcessorCount
    let memory = (Double(information.physicalMemory) / 0x1p30).rounded()
    return [
      "\(system) \(architecture)", processor, counted(cores, "core"), "\(Int(memory)) GiB",
      "vectors \(Processor.vectors.rawValue)",
    ].compactMap(\.self).joined(separator: ", ")
  }()

  private static var system: String {
    #if os(Linux)
      "Linux"
    #elseif os(macOS)
      "macOS"
    #else
      "another system"
    #endif
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "arm64"
    #else
      "another architecture"
    #endif
  }

  /// Its maker's name for it.
  private static var processor: String? {
    #if canImport(Darwin)
      var size = 0
      guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0, size > 1 else { return nil }
      var bytes = [UInt8](repeating: 0, count: size)
      guard sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 else { return nil }
      return oneLine(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self), limit: 80)
    #else
      let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let line = text?.split(separator: "\n").first { $0.hasPrefix("model name") }
      return line?.split(separator: ":", maxSplits: 1).last.map { oneLine(String($0), limit: 80) }
    #endif
  }
}
