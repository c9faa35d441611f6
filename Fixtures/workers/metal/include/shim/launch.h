// One launch: the grid, the buffers, how to run, and what came of it.
#pragma once
#include <csetjmp>
#include <csignal>

#include "simdgroup.h"

namespace msl {
// The launcher in Python has the same fields in the same order (launch.py).
struct Region {
  uintptr_t begin, end;  // with the pages around it that nobody may touch
};
struct Request {
  void** buffers;
  const Region* regions;
  int32_t count;
  uint32_t grid[3], group[3];
  uint32_t seed;
  int32_t sum_order, coarse, strict;
  int32_t buffer;     // out: whose pages were touched, or -1
  uint64_t address;   // out: where
  const char* failure;  // out
};

// Of this threadgroup: where it stands and how large it is, smaller at the end of the grid.
struct Place {
  Request* request;
  uint32_t at[3], extent[3];
};
inline Place& place() {
  static Place p;
  return p;
}
template <class T> inline T* buffer(int i) { return (T*)place().request->buffers[i]; }

inline uint3 position_in_threadgroup() {
  auto& e = place().extent;
  int i = machine().current;
  return uint3(i % e[0], i / e[0] % e[1], i / e[0] / e[1]);
}
inline uint3 threadgroup_position() { auto& a = place().at; return uint3(a[0], a[1], a[2]); }
inline uint3 threads_per_threadgroup() { auto& g = place().request->group; return uint3(g[0], g[1], g[2]); }
inline uint3 threads_per_grid() { auto& g = place().request->grid; return uint3(g[0], g[1], g[2]); }
inline uint3 threadgroups_per_grid() {
  auto *g = place().request->grid, *l = place().request->group;
  return uint3((g[0] + l[0] - 1) / l[0], (g[1] + l[1] - 1) / l[1], (g[2] + l[2] - 1) / l[2]);
}
inline uint3 position_in_grid() {
  auto &a = place().at, &l = place().request->group;
  uint3 p = position_in_threadgroup();
  return uint3(a[0] * l[0] + p.x, a[1] * l[1] + p.y, a[2] * l[2] + p.z);
}
// For a kernel that takes its position as two numbers.
inline uint2 position_in_plane() { uint3 p = position_in_grid(); return uint2(p.x, p.y); }

inline sigjmp_buf& way_out() {
  static sigjmp_buf buffer;
  return buffer;
}
inline void touched(int number, siginfo_t* info, void*) {
  Request& r = *place().request;
  uintptr_t at = (uintptr_t)info->si_addr;
  for (int i = 0; i < r.count; ++i)
    if (at >= r.regions[i].begin && at < r.regions[i].end) r.buffer = i;
  r.address = at;
  r.failure = "touches memory that is not its own";
  siglongjmp(way_out(), number);
}

// Turns a touch of a page that nobody may touch into a failure, while it lives.
struct Watch {
  static constexpr size_t SIZE = 64 << 10;
  struct sigaction before[2];
  stack_t stack_before;
  Watch() {
    static char memory[SIZE];
    stack_t stack = {};
    stack.ss_sp = memory, stack.ss_size = SIZE;
    sigaltstack(&stack, &stack_before);
    struct sigaction action = {};
    action.sa_sigaction = touched;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, &before[0]);
    sigaction(SIGBUS, &action, &before[1]);
  }
  ~Watch() {
    sigaction(SIGSEGV, &before[0], nullptr);
    sigaction(SIGBUS, &before[1], nullptr);
    sigaltstack(&stack_before, nullptr);
  }
};

inline void run_grid(Request& r, void (*body)()) {
  auto& p = place();
  for (uint32_t z = 0; z < r.grid[2]; z += r.group[2])
    for (uint32_t y = 0; y < r.grid[1]; y += r.group[1])
      for (uint32_t x = 0; x < r.grid[0]; x += r.group[0]) {
        uint32_t from[3] = {x, y, z};
        for (int d = 0; d < 3; ++d) {
          p.at[d] = from[d] / r.group[d];
          p.extent[d] = r.grid[d] - from[d] < r.group[d] ? r.grid[d] - from[d] : r.group[d];
        }
        if ((r.failure = run_threadgroup(p.extent[0] * p.extent[1] * p.extent[2], body))) return;
      }
}

inline void launch(Request& r, void (*body)()) {
  place().request = &r;
  r.buffer = -1, r.failure = nullptr;
  for (int d = 0; d < 3; ++d) if (r.group[d] > r.grid[d]) r.group[d] = r.grid[d];
  if (r.group[0] * r.group[1] * r.group[2] > MAX) { r.failure = "has more than 1024 threads in a threadgroup"; return; }
  machine().seed = r.seed, machine().strict = r.strict;
  sum_order() = r.sum_order, coarse() = r.coarse;
  Watch watch;
  if (sigsetjmp(way_out(), 1) == 0) run_grid(r, body);
}
}  // namespace msl

// The last line of a file to be compiled.
#define MSL_KERNEL(...)                         \
  static void msl_body() { __VA_ARGS__; }       \
  extern "C" __attribute__((visibility("default"))) void msl_launch(msl::Request* request) { msl::launch(*request, msl_body); }
