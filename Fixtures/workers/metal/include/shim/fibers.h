// Fibers: stacks, and how one is prepared so that the first switch to it enters a function.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <sys/mman.h>

namespace msl {
constexpr int MAX = 1024, SIMD = 32;
constexpr size_t STACK = 256 << 10;
// What a stack is filled with before a thread begins, so that a variable nobody has set is no number.
constexpr size_t FRESH = 8 << 10;
}  // namespace msl

// Saves the caller's registers on its stack and its stack pointer in *from; goes on where `to` was saved. Defined in switch.h.
extern "C" void msl_switch(void** from, void* to) __attribute__((visibility("hidden")));

namespace msl {
inline char* stacks() {
  static char* all = (char*)mmap(nullptr, STACK * MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  return all;
}

// The saved stack pointer of a fiber that will begin in `entry`.
inline void* prepared(int fiber, void (*entry)()) {
  char* top = stacks() + STACK * (fiber + 1);
  memset(top - FRESH, 0xFF, FRESH);
#if defined(__x86_64__)
  void** s = (void**)top;
  *--s = nullptr;  // the return address of entry, which never returns; it keeps the stack aligned as after a call
  *--s = (void*)entry;
  for (int i = 0; i < 6; ++i) *--s = nullptr;
  return s;
#else
  void** s = (void**)(top - 160);
  memset(s, 0, 160);
  s[11] = (void*)entry;  // the link register
  return s;
#endif
}
}  // namespace msl
