import Foundation

/// A regular file, open for reading from its beginning; a pipe, a device, a folder or a ring of links is an error at
/// once.
package struct RegularFile: ~Copyable {
  private let descriptor: Descriptor
  /// Its bytes when it was opened.
  package let size: Int

  /// Opens it.
  package init(_ path: String) throws(FileFailure) {
    let file = try Descriptor.regular(path, O_RDONLY, step: "read")
    size = Int(try file.status().st_size)
    descriptor = file
  }

  /// The next bytes; fewer where the file ends before.
  package func read(_ count: Int) throws(FileFailure) -> [UInt8] {
    var result = Result<Int, FileFailure>.success(0)
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      result = Result { () throws(FileFailure) in
        try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
      if case .success(let count) = result { done = count }
    }
    _ = try result.get()
    return bytes
  }

  /// A whole file of at most so many bytes.
  package static func contents(of path: String, limit: Int) throws(FileFailure) -> Data {
    let file = try RegularFile(path)
    guard file.size <= limit else { throw FileFailure(path, "read", .tooLarge(limit: limit)) }
    var data = Data()
    // The size says nothing of what the system makes up as it is read, and of what grows meanwhile.
    while true {
      let more = try file.read(max(file.size - data.count, 1 << 16))
      guard !more.isEmpty else { return data }
      data += more
      guard data.count <= limit else { throw FileFailure(path, "read", .tooLarge(limit: limit)) }
    }
  }
}
