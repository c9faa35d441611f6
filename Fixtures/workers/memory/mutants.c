/* Loops that keep the memory contract of memory.h and loops that do not, each with what must be seen of it. Exits with 1 where it is not.

    cc -std=c99 -Wall -Wextra -Werror mutants.c -o mutants && ./mutants          also as C++ */
#include "memory.h"

enum { ROWS = 3, WIDTH = 5, COUNT = ROWS * WIDTH };
typedef void kernel_of_blocks(float *k, float *y);

static void honest(float *k, float *y) {
  for (int i = 0; i < COUNT; i++) y[i] = 2 * k[i];
}
static void writes_past(float *k, float *y) {
  honest(k, y);
  for (int i = COUNT; i < COUNT + 4; i++) y[i] = 0;
}
static void writes_before(float *k, float *y) {
  honest(k, y);
  y[-1] = 0;
}
static void leaves_tail(float *k, float *y) {
  for (int i = 0; i < COUNT / 4 * 4; i++) y[i] = 2 * k[i];
}
static void reads_past(float *k, float *y) {
  honest(k, y);
  y[0] += 0 * k[COUNT];
}
static void adds_to_output(float *k, float *y) {
  for (int i = 0; i < COUNT; i++) y[i] += 2 * k[i];
}
static void changes_input(float *k, float *y) {
  k[2] *= 2;
  honest(k, y);
}

static int check(const char *name, const gdr_memory *m, const char *expected) {
  const int is_right = strcmp(m->seen, expected) == 0;
  printf("%s%s: %s\n", is_right ? "" : "NOT SO  ", name, *m->seen ? m->seen : "nothing");
  return !is_right;
}

static int look(const char *name, kernel_of_blocks *kernel, const char *expected) {
  float k0[COUNT], y0[COUNT];
  gdr_memory m;
  for (int i = 0; i < COUNT; i++) k0[i] = (float)(i + 1);
  gdr_memory_begin(&m);
  do {
    float *k = (float *)gdr_memory_in(&m, "k", k0, COUNT, sizeof *k);
    float *y = (float *)gdr_memory_out(&m, "y", y0, COUNT, sizeof *y);
    kernel(k, y);
  } while (gdr_memory_again(&m));
  return check(name, &m, expected) + (kernel == honest && y0[COUNT - 1] != 2 * COUNT);
}

/* Rows that are apart, by the stride that is said or by that of one block. */
static int look_at_rows(const char *name, int asks, const char *expected) {
  float k0[COUNT], y0[COUNT];
  gdr_memory m;
  for (int i = 0; i < COUNT; i++) k0[i] = (float)(i + 1);
  gdr_memory_begin(&m);
  do {
    size_t in, out;
    const float *k = (const float *)gdr_memory_rows(&m, "k", k0, NULL, ROWS, WIDTH, sizeof *k, &in);
    float *y = (float *)gdr_memory_rows(&m, "y", NULL, y0, ROWS, WIDTH, sizeof *y, &out);
    for (size_t row = 0; row < ROWS; row++)
      for (size_t i = 0; i < WIDTH; i++) y[row * out + i] = k[row * (asks ? in : (size_t)WIDTH) + i];
  } while (gdr_memory_again(&m));
  return check(name, &m, expected) + (asks && y0[COUNT - 1] != COUNT);
}

int main(void) {
  int wrong = look("honest", honest, "");
  wrong += look("writes past", writes_past, "wrote 4 values past the end of y");
  wrong += look("writes before", writes_before, "wrote 1 value before y");
  wrong += look("leaves its tail", leaves_tail, "left 3 elements of y unwritten");
  wrong += look("reads past", reads_past, "read what is past the end of k");
  wrong += look("adds to its output", adds_to_output, "read y before it was written");
  wrong += look("changes its input", changes_input, "changed its input k");
  wrong += look_at_rows("asks for strides", 1, "");
  wrong += look_at_rows("assumes one block", 0, "read what is between the rows of k");
  return wrong ? 1 : 0;
}
