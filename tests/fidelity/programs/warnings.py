# Warnings: shown with the program's own lines, counted per place, filtered by the program's own filters.

# --- case: warnings shown with their source lines
# cold
import warnings
def old():
    warnings.warn("use new()", DeprecationWarning, stacklevel=2)
warnings.warn("a user warning")
old()
warnings.warn("of the future", FutureWarning)
warnings.warn("once", RuntimeWarning); warnings.warn("once", RuntimeWarning)

# --- case: warnings of the compiler
print(1 is 1, "\d", (1)(2) if False else 0)
assert (1, "always true")

# --- case: warnings as errors
import warnings
warnings.simplefilter("error")
warnings.warn("now an exception")

# --- case: warnings filters at the start
# cold
import warnings
for entry in warnings.filters:  # less those of numpy and scipy, which in a waiting pod are imported
    if not any(word in str(entry) for word in ("numpy", "scipy", "matrix subclass")):
        print(entry)

# --- case: warnings recorded
import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    warnings.warn("one")
    eval("1 is 1")
    b"" == ""
print([(str(one.message), one.category.__name__, one.lineno) for one in seen])

# --- case: a coroutine that was never awaited
async def forgotten():
    pass
forgotten()
print("goes on")
