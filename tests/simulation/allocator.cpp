// Memory of the program that plays schedules. One schedule allocates ten thousand small things that
// do not live long, and the C library's allocator is made for more threads and sizes than that.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kGrain = 16;
constexpr std::size_t kClasses = 64;
constexpr std::size_t kSlab = 256 << 10;

/// Stands before every block, as wide as alignment demands.
struct alignas(kGrain) Header {
  /// In grains, the header not counted; 0: from malloc.
  std::size_t size;
};

/// A block that nobody has.
struct Free {
  Free* next;
};

/// Blocks are given back to the list of their size, and never to the system. Threads: one.
std::array<Free*, kClasses> free_blocks;
char* slab;
std::size_t slab_left;

void* Carve(std::size_t grains) {
  const std::size_t bytes = sizeof(Header) + grains * kGrain;
  if (slab_left < bytes) {
    slab = static_cast<char*>(std::malloc(kSlab));
    if (slab == nullptr) throw std::bad_alloc();
    slab_left = kSlab;
  }
  auto* const header = new (slab) Header{grains};
  slab += bytes;
  slab_left -= bytes;
  return header + 1;
}

}  // namespace

void* operator new(std::size_t size) {
  const std::size_t grains = (size + kGrain - 1) / kGrain + (size == 0 ? 1 : 0);
  if (grains >= kClasses) {
    void* const memory = std::malloc(sizeof(Header) + size);
    if (memory == nullptr) throw std::bad_alloc();
    return new (memory) Header{0} + 1;
  }
  Free*& first = free_blocks[grains];
  if (first == nullptr) return Carve(grains);
  Free* const block = first;
  first = block->next;
  return block;
}

void operator delete(void* block) noexcept {
  if (block == nullptr) return;
  Header* const header = static_cast<Header*>(block) - 1;
  if (header->size == 0) return std::free(header);
  Free*& first = free_blocks[header->size];
  first = new (block) Free{first};
}

void operator delete(void* block, std::size_t /*size*/) noexcept { operator delete(block); }
