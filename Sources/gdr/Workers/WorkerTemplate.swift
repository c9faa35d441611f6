/// A worker to start from: a program that runs as it is.
package struct WorkerTemplate: Sendable {
  /// The word a person types.
  package let language: String
  /// The file, its last newline included.
  package let text: String

  private init(_ language: String, _ bytes: [UInt8]) {
    (self.language, text) = (language, String(decoding: bytes, as: UTF8.self))
  }

  /// One for each language.
  package static let all = [
    WorkerTemplate("python", PackageResources.worker_py),
    WorkerTemplate("python-session", PackageResources.session_py),
    WorkerTemplate("torch", PackageResources.torch_worker_py),
    WorkerTemplate("swift", PackageResources.worker_swift),
    WorkerTemplate("cpp", PackageResources.worker_cpp),
  ]
}
