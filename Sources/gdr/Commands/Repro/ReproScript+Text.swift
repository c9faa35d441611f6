import Foreign
import Foundation
import GatedDeltaRule

extension ReproScript {
  /// The program; its numbers lie in a file of this name beside it, or in itself.
  func text(beside file: String?) -> String {
    let template = String(decoding: PackageResources.repro_py, as: UTF8.self)
    return ReproScript.chosen(template, framework)
      .replacingOccurrences(of: "@TITLE@", with: title.replacingOccurrences(of: "\"\"\"", with: "'''"))
      .replacingOccurrences(of: "@RECIPE@", with: recipe.text)
      .replacingOccurrences(
        of: "@FRAMEWORK@", with: framework == .numpy ? "numpy" : "numpy and \(framework.rawValue)"
      )
      .replacingOccurrences(
        of: "@IMPORTS@",
        with: file == nil ? "import sys" : "import json\nimport sys\nfrom pathlib import Path"
      )
      .replacingOccurrences(
        of: "@WHERE@",
        with: framework == .torch ? "torch.where" : framework == .mlx ? "mx.where" : "np.where"
      )
      .replacingOccurrences(
        of: "@LOADING@",
        with: (file.map(loading) ?? literals) + "\nLEAVES_RANGE = \(leavesRange ? "True" : "False")")
  }

  /// The lines of one framework: those between `#if NAME` and `#endif`, and all outside of such.
  private static func chosen(_ template: String, _ framework: Framework) -> String {
    var isOpen = true
    var lines: [Substring] = []
    for line in template.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("#if ") {
        isOpen = line == "#if \(framework.rawValue)"
      } else if line == "#endif" {
        isOpen = true
      } else if isOpen {
        lines.append(line)
      }
    }
    return lines.joined(separator: "\n")
  }
}

/// A string of Python.
private func quoted(_ text: String) -> String {
  let data = (try? JSONEncoder().encode(text)) ?? Data()
  return String(decoding: data, as: UTF8.self).replacingOccurrences(of: "\\/", with: "/")
}

extension ReproScript {
  /// Reads a safetensors file with numpy alone.
  private func loading(_ file: String) -> String {
    """
    def load(path):
        \"\"\"A safetensors file: 8 bytes N, N bytes of JSON, the values.\"\"\"
        content = path.read_bytes()
        begin = 8 + int.from_bytes(content[:8], "little")
        types = {"F32": np.float32, "F64": np.float64, "BOOL": np.bool_}
        entries = {n: e for n, e in json.loads(content[8:begin]).items() if n != "__metadata__"}
        return {
            n: np.frombuffer(content[begin:][slice(*e["data_offsets"])], types[e["dtype"]]).reshape(e["shape"]).copy() for n, e in entries.items()
        }


    TENSORS = load(Path(__file__).with_name(\(quoted(file))))
    CASE = {n: t for n, t in TENSORS.items() if "." not in n}
    EXPECTED = {n.removeprefix("expected."): t for n, t in TENSORS.items() if n.startswith("expected.")}
    ALLOWED = {n.removeprefix("allowed."): t for n, t in TENSORS.items() if n.startswith("allowed.")}
    """
  }

  private var literals: String {
    let names = [
      "q", "k", "v", "g", "beta", "a", "b", "A_log", "dt_bias", "state_in", "mask", "dy", "dstate_out",
    ]
    let results = Quantity.allCases.map(\.rawValue)
    return [
      dictionary("CASE", names.map { ($0, $0) }),
      dictionary("EXPECTED", results.map { ($0, "expected.\($0)") }),
      dictionary("ALLOWED", results.map { ($0, "allowed.\($0)") }),
    ].joined(separator: "\n")
  }

  private func dictionary(_ name: String, _ keys: [(name: String, entry: String)]) -> String {
    let lines = keys.compactMap { key in
      frame.entries[key.entry].map { "    \"\(key.name)\": \($0.literal),\n" }
    }
    return "\(name) = {\n\(lines.joined())}"
  }
}

extension Frame.Entry {
  /// As numpy reads it.
  fileprivate var literal: String {
    switch self {
    case .flags(let flags):
      let values = flags.values.map { $0 ? "1" : "0" }.joined(separator: ", ")
      return "np.array([\(values)], np.bool_).reshape(\(flags.shape.tuple))"
    case .numbers(let tensor):
      let type = tensor.precision == .fp64 ? "np.float64" : "np.float32"
      if tensor.isConstant {
        return "np.full(\(tensor.shape.tuple), \(tensor.text(tensor.values.first ?? 0)), \(type))"
      }
      let values = tensor.values.map(tensor.text).joined(separator: ", ")
      return "np.array([\(values)], \(type)).reshape(\(tensor.shape.tuple))"
    }
  }
}

extension Tensor {
  /// The fewest digits that give the number again.
  fileprivate func text(_ x: Double) -> String {
    if x.isNaN { return "nan" }
    if x.isInfinite { return x < 0 ? "-inf" : "inf" }
    return precision == .fp64 ? "\(x)" : "\(Float(x))"
  }
}

extension [Int] {
  fileprivate var tuple: String { "(" + map { "\($0), " }.joined().dropLast() + ")" }
}
