import Foundation
import Machine

/// The case files that paths stand for: a file for itself, a directory for every `.safetensors` file in it, in
/// the order of their names.
func caseFiles(at path: String) throws(BadFile) -> [String] {
  guard FileManager.default.fileExists(atPath: path) else {
    throw BadFile(path: path, reason: "no such file or directory")
  }
  guard Folder.isFolder(path) else { return [path] }
  let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
  let files = Folder.filesBelow(folder).filter { $0.hasSuffix(".safetensors") }
  guard !files.isEmpty else { throw BadFile(path: path, reason: "no .safetensors file in it") }
  return files
}
