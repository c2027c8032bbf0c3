#include "images/python/snapshot/vdso.h"

#include <elf.h>

#include "images/python/snapshot/text.h"

namespace oneshot::snapshot {
namespace {

template <typename T>
const T* At(std::uint64_t address) {
  return reinterpret_cast<const T*>(address);
}

}  // namespace

std::uint64_t VdsoFunction(std::uint64_t image, const char* name) {
  const auto* header = At<Elf64_Ehdr>(image);
  const auto* segments = At<Elf64_Phdr>(image + header->e_phoff);
  std::uint64_t base = 0;  // what its addresses count from
  const Elf64_Dyn* dynamic = nullptr;
  for (int i = 0; i < header->e_phnum; ++i) {
    if (segments[i].p_type == PT_LOAD) base = image + segments[i].p_offset - segments[i].p_vaddr;
    if (segments[i].p_type == PT_DYNAMIC) dynamic = At<Elf64_Dyn>(image + segments[i].p_offset);
  }
  const Elf64_Sym* symbols = nullptr;
  const char* names = nullptr;
  std::uint64_t count = 0;
  for (; dynamic != nullptr && dynamic->d_tag != DT_NULL; ++dynamic) {
    const std::uint64_t address = base + dynamic->d_un.d_ptr;
    if (dynamic->d_tag == DT_SYMTAB) symbols = At<Elf64_Sym>(address);
    if (dynamic->d_tag == DT_STRTAB) names = At<char>(address);
    // The second word of the hash table is the number of symbols.
    if (dynamic->d_tag == DT_HASH) count = At<std::uint32_t>(address)[1];
  }
  if (symbols == nullptr || names == nullptr) return 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (symbols[i].st_shndx != SHN_UNDEF && Equal(names + symbols[i].st_name, name))
      return base + symbols[i].st_value;
  }
  return 0;
}

}  // namespace oneshot::snapshot
