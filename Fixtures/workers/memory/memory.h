/* The memory contract for a kernel that takes pointers: what it reads, writes and leaves unwritten, seen from outside. C99 and C++, header only.

    gdr_memory m;
    gdr_memory_begin(&m);
    do {
      const float *k = gdr_memory_in(&m, "k", k0, count, sizeof *k0);           the same calls in every round
      float *y = gdr_memory_out(&m, "y", y0, count, sizeof *y0);                y0 has the result behind the last round
      kernel(k, y);
    } while (gdr_memory_again(&m));
    m.seen                                                                      "" or sentences, a line each: "memory" of a worker's reply

  Every tensor lies in a buffer of its own with a guard band before and behind it; guards, and outputs before the call, are NaN in the first round
  and finite in the second. If a result has other bits, the kernel read some of them, and a round for each tensor tells which. A tensor whose rows
  may be apart comes from gdr_memory_rows, which leaves gaps between them and says the stride. Inputs are compared with what they were.
  Not seen is what is read and then selected away, and an access beyond the guard bands. A kernel must answer the same bits when asked again:
  where it does not, nothing is said of what it reads. Elements have 2 (bf16), 4 or 8 bytes. In C++, cast what gdr_memory_in and _out give. */
#ifndef GDR_MEMORY_H
#define GDR_MEMORY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GDR_MEMORY_TENSORS = 32, GDR_MEMORY_GUARD = 4096 /* elements */, GDR_MEMORY_GAP = 3 };

typedef struct {
  const char *name;
  void *result;                        /* of an output: where it goes; null for an input */
  unsigned char *buffer, *put, *calm;  /* as the kernel sees it, as it was before the call, and what an earlier round left */
  size_t rows, width, stride, size, bytes;
} gdr_memory_tensor;

typedef struct {
  gdr_memory_tensor tensors[GDR_MEMORY_TENSORS];
  int count, at, round, rounds, moves, suspects;
  char seen[2048];
} gdr_memory;

static inline void gdr_memory_begin(gdr_memory *m) {
  memset(m, 0, sizeof *m);
  m->rounds = 3; /* NaN, finite, finite again */
}

/* "wrote" 4 "value" "past the end of " dq "" */
static inline void gdr_memory_say(gdr_memory *m, const char *verb, size_t count, const char *noun, const char *place, const char *name,
                                  const char *rest) {
  const size_t end = strlen(m->seen), left = sizeof m->seen - end;
  char counted[64] = "";
  if (count) snprintf(counted, sizeof counted, "%zu %s%s ", count, noun, count == 1 ? "" : "s");
  if (left > 256) snprintf(m->seen + end, left, "%s%s %s%s%s%s", end ? "\n" : "", verb, counted, place, name, rest);
}

enum { GDR_MEMORY_WITHIN, GDR_MEMORY_BEFORE, GDR_MEMORY_BEHIND, GDR_MEMORY_BETWEEN, GDR_MEMORY_KINDS };

/* Round 0 has NaN everywhere, 1 and 2 nowhere, and each after them in one kind of place of one tensor. */
static inline int gdr_memory_is_wild(const gdr_memory *m, int tensor, int kind) {
  return m->round == 0 || m->round - 3 == tensor * GDR_MEMORY_KINDS + kind;
}

/* What belongs to nobody is told apart by the tensor that it lies around: a number that was copied is no number that was never written. */
static inline void gdr_memory_poison(unsigned char *at, size_t size, int wild, int tensor) {
  const uint64_t wide = (wild ? UINT64_C(0x7FF8DEADBEEF0BAD) : UINT64_C(0xC0934A51EC0BAD01)) ^ (uint64_t)tensor;
  const uint32_t single = (wild ? UINT32_C(0x7FC0DEAD) : UINT32_C(0xC49A51EC)) ^ (uint32_t)tensor;
  const uint16_t half = (uint16_t)((wild ? 0x7FED : 0xC49B) ^ tensor);
  memcpy(at, size == 8 ? (const void *)&wide : size == 4 ? (const void *)&single : (const void *)&half, size);
}

/* What an element of a buffer is. */
static inline int gdr_memory_kind(const gdr_memory_tensor *t, size_t i) {
  const size_t place = i - GDR_MEMORY_GUARD;
  if (i < GDR_MEMORY_GUARD) return GDR_MEMORY_BEFORE;
  if (t->rows == 0 || place >= (t->rows - 1) * t->stride + t->width) return GDR_MEMORY_BEHIND;
  return place % t->stride < t->width ? GDR_MEMORY_WITHIN : GDR_MEMORY_BETWEEN;
}

static inline size_t gdr_memory_elements(const gdr_memory_tensor *t) { return t->bytes / t->size; }

static inline void *gdr_memory_take(gdr_memory *m, const char *name, const void *values, void *result, size_t rows, size_t width, size_t gap,
                                    size_t size) {
  gdr_memory_tensor *t = &m->tensors[m->at];
  if (m->at >= GDR_MEMORY_TENSORS || (size != 2 && size != 4 && size != 8)) abort();
  if (m->round == 0) {
    t->name = name, t->result = result, t->rows = rows, t->width = width, t->stride = width + gap, t->size = size;
    if (t->stride == 0) t->stride = 1;
    t->bytes = (2 * (size_t)GDR_MEMORY_GUARD + rows * t->stride) * size;
    t->buffer = (unsigned char *)malloc(t->bytes), t->put = (unsigned char *)malloc(t->bytes), t->calm = (unsigned char *)malloc(t->bytes);
    if (!t->buffer || !t->put || !t->calm) abort();
    m->count = m->at + 1;
  }
  for (size_t i = 0; i < gdr_memory_elements(t); i++)
    gdr_memory_poison(t->buffer + i * size, size, gdr_memory_is_wild(m, m->at, gdr_memory_kind(t, i)), m->at);
  for (size_t row = 0; values && row < rows; row++)
    memcpy(t->buffer + (GDR_MEMORY_GUARD + row * t->stride) * size, (const unsigned char *)values + row * width * size, width * size);
  memcpy(t->put, t->buffer, t->bytes);
  m->at++;
  return t->buffer + GDR_MEMORY_GUARD * size;
}

static inline void *gdr_memory_in(gdr_memory *m, const char *name, const void *values, size_t count, size_t size) {
  return gdr_memory_take(m, name, values, NULL, 1, count, 0, size);
}

static inline void *gdr_memory_out(gdr_memory *m, const char *name, void *result, size_t count, size_t size) {
  return gdr_memory_take(m, name, NULL, result, 1, count, 0, size);
}

/* An input of rows (result null) or an output (values null) that are apart; the stride is in elements. */
static inline void *gdr_memory_rows(gdr_memory *m, const char *name, const void *values, void *result, size_t rows, size_t width, size_t size,
                                    size_t *stride) {
  *stride = width + GDR_MEMORY_GAP;
  return gdr_memory_take(m, name, values, result, rows, width, GDR_MEMORY_GAP, size);
}

/* How many results have other bits than in the round that is kept. What was written in neither is no result. */
static inline size_t gdr_memory_differences(const gdr_memory *m) {
  size_t count = 0;
  for (int n = 0; n < m->count; n++) {
    const gdr_memory_tensor *t = &m->tensors[n];
    unsigned char poison[8];
    gdr_memory_poison(poison, t->size, m->round == 1, n);
    for (size_t i = 0; t->result && i < gdr_memory_elements(t); i++) {
      const size_t at = i * t->size;
      const int is_left = memcmp(t->buffer + at, t->put + at, t->size) == 0 && memcmp(t->calm + at, poison, t->size) == 0;
      count += gdr_memory_kind(t, i) == GDR_MEMORY_WITHIN && !is_left && memcmp(t->buffer + at, t->calm + at, t->size) != 0;
    }
  }
  return count;
}

/* What a round wrote where it must not, and what it left. */
static inline void gdr_memory_look(gdr_memory *m, gdr_memory_tensor *t) {
  static const char *const places[] = {"", "before ", "past the end of ", "between the rows of "};
  size_t written[GDR_MEMORY_KINDS] = {0, 0, 0, 0}, left = 0;
  for (size_t i = 0; i < gdr_memory_elements(t); i++) {
    const int is_same = memcmp(t->buffer + i * t->size, t->put + i * t->size, t->size) == 0;
    const int kind = gdr_memory_kind(t, i);
    written[kind] += !is_same;
    left += is_same && kind == GDR_MEMORY_WITHIN;
  }
  for (int kind = GDR_MEMORY_BEFORE; kind < GDR_MEMORY_KINDS; kind++)
    if (written[kind]) gdr_memory_say(m, "wrote", written[kind], "value", places[kind], t->name, "");
  if (t->result && left) gdr_memory_say(m, "left", left, "element", "of ", t->name, " unwritten");
  if (!t->result && written[GDR_MEMORY_WITHIN]) gdr_memory_say(m, "changed its input", 0, "", "", t->name, "");
}

/* Looks at what the call did; whether one more is wanted. */
static inline int gdr_memory_again(gdr_memory *m) {
  if (m->round == 1) m->suspects = gdr_memory_differences(m) > 0;
  for (int n = 0; n < m->count && m->round < 2; n++) {
    gdr_memory_tensor *t = &m->tensors[n];
    if (m->round == 1) gdr_memory_look(m, t); /* NaN would pass through a sum with all its bits */
    memcpy(t->calm, t->buffer, t->bytes);
  }
  if (m->round == 2) {
    m->moves = gdr_memory_differences(m) > 0;
    if (m->suspects && !m->moves) m->rounds += m->count * GDR_MEMORY_KINDS;
  }
  if (m->round > 2 && gdr_memory_differences(m) > 0) {
    static const char *const places[] = {"", "what is before ", "what is past the end of ", "what is between the rows of "};
    const int tensor = (m->round - 3) / GDR_MEMORY_KINDS, kind = (m->round - 3) % GDR_MEMORY_KINDS;
    gdr_memory_say(m, "read", 0, "", places[kind], m->tensors[tensor].name, kind ? "" : " before it was written");
  }
  m->at = 0, m->round++;
  if (m->round < m->rounds) return 1;
  for (int n = 0; n < m->count; n++) {
    gdr_memory_tensor *t = &m->tensors[n];
    for (size_t row = 0; t->result && row < t->rows; row++)
      memcpy((unsigned char *)t->result + row * t->width * t->size, t->buffer + (GDR_MEMORY_GUARD + row * t->stride) * t->size, t->width * t->size);
    free(t->buffer), free(t->put), free(t->calm);
  }
  return 0;
}

#endif
