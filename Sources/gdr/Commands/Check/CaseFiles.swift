import Foundation

/// The case files that paths stand for: a file for itself, a directory for every `.safetensors` file in it, in
/// the order of their names.
func caseFiles(at path: String) throws(BadFile) -> [String] {
  var isDirectory: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
    throw BadFile(path: path, reason: "no such file or directory")
  }
  guard isDirectory.boolValue else { return [path] }
  guard let names = FileManager.default.enumerator(atPath: path) else {
    throw BadFile(path: path, reason: "cannot list the directory")
  }
  let prefix = path.hasSuffix("/") ? path : path + "/"
  var files: [String] = []
  while let name = names.nextObject() as? String {
    let isDirectory = names.fileAttributes?[.type] as? FileAttributeType == .typeDirectory
    if name.hasSuffix(".safetensors"), !isDirectory { files.append(name) }
  }
  files.sort()
  guard !files.isEmpty else { throw BadFile(path: path, reason: "no .safetensors file in it") }
  return files.map { prefix + $0 }
}
