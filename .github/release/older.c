// What the C++ library, linked in, would ask of a glibc from 2.36 on: it seeds with this where somebody wants a random
// device, which nothing here does. With it the binary runs on 2.35 (Ubuntu 22.04) as well.
#include <stdint.h>
#include <sys/random.h>

uint32_t arc4random(void) {
  uint32_t value;
  if (getrandom(&value, sizeof value, 0) != sizeof value) __builtin_trap();
  return value;
}
