// Ends CPython's finalization where nothing that a program can notice is left of it.
//
// Py_FinalizeEx waits for threads, calls atexit, flushes, and destroys modules and what they hold.
// What follows frees the interpreter's own memory: every extension, interned string, type and
// dictionary, which in a restored process are thousands of pages that would be copied to be
// forgotten (25 ms of the CPU time of `print(6)`). The last that is destroyed before is the
// dictionary of `sys`; a capsule in it (oneshot_renewal.py) marks the place. From there
// Py_FinalizeEx is made to return 0 to its caller, which knows the exit status and calls exit().
//
// Threads: the main thread, with the GIL.

#include <unwind.h>

#include <cstdint>

#include "images/python/snapshot/go_on.h"

// Of the interpreter that loads this.
extern "C" int Py_FinalizeEx(void);          // NOLINT(readability-identifier-naming)
extern "C" std::int64_t PyGC_Collect(void);  // NOLINT(readability-identifier-naming)

namespace oneshot::snapshot {
namespace {

// DWARF numbers of the registers that a function keeps (System V ABI, x86-64); r13 to r15 follow
// r12.
constexpr int kRbx = 3;
constexpr int kRbp = 6;
constexpr int kR12 = 12;

/// A function on the stack, as it will be when what it called has returned.
struct Caller {
  bool is_next;
  /// Zeros until it is found.
  Registers registers;
};

_Unwind_Reason_Code FindCallerOfFinalize(_Unwind_Context* context, void* argument) {
  Caller& caller = *static_cast<Caller*>(argument);
  if (!caller.is_next) {
    caller.is_next =
        _Unwind_GetRegionStart(context) == reinterpret_cast<std::uint64_t>(&Py_FinalizeEx);
    return _URC_NO_REASON;
  }
  const auto saved = [context](int number) { return _Unwind_GetGR(context, number); };
  caller.registers = {.rbx = saved(kRbx),
                      .rbp = saved(kRbp),
                      .r12 = saved(kR12),
                      .r13 = saved(kR12 + 1),
                      .r14 = saved(kR12 + 2),
                      .r15 = saved(kR12 + 3),
                      .rsp = _Unwind_GetCFA(context),
                      .rip = _Unwind_GetIP(context),
                      .fs_base = 0};
  return _URC_END_OF_STACK;
}

}  // namespace

/// The capsule's destructor. Where the stack cannot be read it returns, and everything is freed as
/// usual.
extern "C" void oneshot_leave_finalization(  // NOLINT(readability-identifier-naming)
    void* /*capsule*/) {
  PyGC_Collect();  // the last that calls a program's finalizers
  Caller caller{};
  _Unwind_Backtrace(FindCallerOfFinalize, &caller);
  if (caller.registers.rip != 0) GoOn(caller.registers);
}

}  // namespace oneshot::snapshot
