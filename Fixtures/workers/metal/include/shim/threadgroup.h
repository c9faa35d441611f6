// A threadgroup: whose turn it is, and who waits for whom.
#pragma once
#include "fibers.h"

namespace msl {
// The 32 lanes of a simdgroup, or all threads of the threadgroup.
struct Group {
  int live = 0, arrived = 0;
  unsigned generation = 0;
  int operation = 0;
};

struct Machine {
  int n = 0, left = 0, current = 0;
  int stuck = 0;  // turns since anyone came further
  int next[MAX];  // whose turn comes after this one's
  bool done[MAX];
  void* sp[MAX];
  void* outside = nullptr;
  Group simd[MAX / SIMD], all;
  uint64_t brought[MAX][4];  // by a thread to an operation of its simdgroup
  uint64_t taken[MAX][2];    // and what it takes away
  void (*body)() = nullptr;
  const char* failure = nullptr;
  unsigned seed = 0;      // 0: threads in order, side by side; else they run ahead of each other in an order drawn from it
  bool strict = false;    // what the language leaves undefined is a failure
  unsigned round = 0;     // of threadgroups, counted
};
inline Machine& machine() {
  static Machine m;
  return m;
}
inline uint32_t lane() { return machine().current % SIMD; }
inline uint32_t simdgroup() { return machine().current / SIMD; }
inline int first_lane() { return machine().current / SIMD * SIMD; }
inline Group& own_simdgroup() { return machine().simd[machine().current / SIMD]; }

inline unsigned draw() {
  unsigned& s = machine().seed;
  s ^= s << 13, s ^= s >> 17, s ^= s << 5;
  return s;
}

inline void go_to(int fiber) {
  Machine& m = machine();
  int from = m.current;
  if (fiber == from) return;
  m.current = fiber;
  msl_switch(&m.sp[from], m.sp[fiber]);
}

// Ends the threadgroup; its fibers stay where they are.
inline void fail(const char* why) {
  Machine& m = machine();
  if (!m.failure) m.failure = why;
  void* here;
  msl_switch(&here, m.outside);
}

inline int next_live(int fiber) {
  Machine& m = machine();
  int i = m.next[fiber];
  while (m.done[i] && i != fiber) i = m.next[i];
  return i;
}

inline void count_turn() {
  Machine& m = machine();
  if (++m.stuck > 4 * m.n + 8) fail("a barrier or an operation of a simdgroup that not every thread reaches");
}

inline void pause() {
  count_turn();
  go_to(next_live(machine().current));
}

// With a seed a simdgroup runs as far ahead of the others as it may: what only a barrier would have kept apart comes apart.
inline void pause_in_simdgroup(int turns) {
  Machine& m = machine();
  if (!m.seed || turns > SIMD) return pause();
  count_turn();
  int base = first_lane(), i = m.current;
  do i = base + (i - base + 1) % SIMD;
  while (i != m.current && (i >= m.n || m.done[i]));
  go_to(i);
}

// Waits until every live thread of the group has come; the last one runs `last`.
template <class F>
inline void meet(Group& g, int operation, F last) {
  Machine& m = machine();
  if (m.strict && &g == &m.all && m.left < m.n) fail("a threadgroup_barrier after some threads have ended");
  if (g.arrived == 0) g.operation = operation;
  else if (g.operation != operation) fail("threads of one group that wait at different operations");
  unsigned mine = g.generation;
  ++g.arrived;
  for (int turns = 0; g.generation == mine; ++turns) {
    if (g.arrived >= g.live) {
      last();
      g.arrived = 0, ++g.generation, m.stuck = 0;
      return;
    }
    if (&g == &m.all) pause();
    else pause_in_simdgroup(turns);
  }
}

inline void enter() {
  Machine& m = machine();
  m.body();
  int me = m.current;
  m.done[me] = true, m.stuck = 0;
  --m.simd[me / SIMD].live, --m.all.live, --m.left;
  void* here;
  if (m.left == 0) msl_switch(&here, m.outside);
  // A thread that has ended no longer counts; those that wait for it see that when it is their turn.
  m.current = next_live(me);
  msl_switch(&here, m.sp[m.current]);
}

// Runs n threads to their end; says what stopped them.
inline const char* run_threadgroup(int n, void (*body)()) {
  Machine& m = machine();
  m.n = m.left = n, m.stuck = 0, m.body = body, m.failure = nullptr, ++m.round;
  m.all = Group{n};
  int order[MAX];
  for (int i = 0; i < n; ++i) order[i] = i;
  for (int i = n - 1; m.seed && i > 0; --i) {
    int j = draw() % (i + 1), other = order[i];
    order[i] = order[j], order[j] = other;
  }
  for (int i = 0; i < n; ++i) m.next[order[i]] = order[(i + 1) % n];
  for (int s = 0; s * SIMD < n; ++s) m.simd[s] = Group{n - s * SIMD < SIMD ? n - s * SIMD : SIMD};
  for (int i = 0; i < n; ++i) m.done[i] = false, m.sp[i] = prepared(i, enter);
  m.current = order[0];
  msl_switch(&m.outside, m.sp[order[0]]);
  return m.failure;
}

// Memory of the threadgroup is no number when a threadgroup begins. The first thread that comes to a declaration sees to that.
inline void begin(unsigned& round, void* memory, size_t bytes) {
  if (round == machine().round) return;
  round = machine().round;
  memset(memory, 0xFF, bytes);
}
}  // namespace msl
