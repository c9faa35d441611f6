//  The C library of the system, under whatever name it goes: who imports this module has it. Inside a type that has a
//  `read` or an `exp` of its own, the C function is `Machine.read` or `Machine.exp`.

#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#elseif canImport(Darwin)
  @_exported import Darwin
#endif
