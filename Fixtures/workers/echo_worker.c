// Sends every frame back as it came: what is left of the time is the pipe's.
//
//     cc -O2 echo_worker.c -o echo_worker && gdr conform ./echo_worker --echo 1000000
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int take(char *bytes, size_t count) {
  while (count > 0) {
    ssize_t n = read(0, bytes, count);
    if (n <= 0) return 0;
    bytes += n, count -= n;
  }
  return 1;
}

int main(void) {
  size_t room = 1 << 16;
  char *frame = malloc(room + 1);
  uint64_t header;
  while (take(frame, 8)) {
    memcpy(&header, frame, 8);
    if (header > room - 8 || !take(frame + 8, header)) return 1;
    // The only tensor ends where the values end: the last number of the header.
    char *number = frame + 8 + header;
    *number = 0;
    while (number[-1] < '0' || number[-1] > '9') number--;
    while (number[-1] >= '0' && number[-1] <= '9') number--;
    size_t total = 8 + header + strtoull(number, 0, 10);
    if (total > room) frame = realloc(frame, (room = total) + 1);
    if (!take(frame + 8 + header, total - 8 - header)) return 1;
    for (size_t sent = 0; sent < total;) {
      ssize_t n = write(1, frame + sent, total - sent);
      if (n <= 0) return 1;
      sent += n;
    }
  }
  return 0;
}
