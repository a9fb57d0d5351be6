// Random bytes through getrandom(2), fetched a few hundred at a time.
#include "hubbub/core/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace hubbub::inline v0 {

namespace {

void ask_system(unsigned char* room, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::getrandom(room, size, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    room += got;
    size -= static_cast<std::size_t>(got);
  }
}

// Up to 256 bytes getrandom gives whole and without being interrupted.
struct store {
  unsigned char bytes[256];
  std::size_t left = 0;
};

}  // namespace

void random_bytes(void* room, std::size_t size) {
  thread_local store kept;
  if (size > sizeof(kept.bytes) / 2) return ask_system(static_cast<unsigned char*>(room), size);
  if (kept.left < size) {
    ask_system(kept.bytes, sizeof(kept.bytes));
    kept.left = sizeof(kept.bytes);
  }
  kept.left -= size;
  std::memcpy(room, kept.bytes + kept.left, size);
  std::memset(kept.bytes + kept.left, 0, size);  // what was given out is a secret of somebody else now
}

std::uint64_t random_u64() {
  std::uint64_t value = 0;
  random_bytes(&value, sizeof(value));
  return value;
}

}  // namespace hubbub::inline v0
