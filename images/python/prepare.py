"""What is done to the image after pip: make it small, fast to import without a writable disk, and able to say what it holds.

Run at build time only: `prepare.py packages` after pip, `prepare.py runtime` once the bootstrap is in place.
"""

import compileall
import importlib.metadata
import json
import os
import pathlib
import platform
import py_compile
import shutil
import sys
import sysconfig

SITE_PACKAGES = pathlib.Path(sysconfig.get_path("purelib"))
ONESHOT = pathlib.Path("/usr/local/lib/oneshot")
ENVIRONMENT = pathlib.Path("/usr/local/share/oneshot/environment.json")

# Suites of the packages themselves, a third of their size. `numpy.testing` and `pandas.testing`, which programs use, stay.
PACKAGES_WITH_TESTS = ("numpy", "pandas", "scipy", "matplotlib", "mpl_toolkits", "contourpy", "fontTools", "dateutil")


def remove_tests() -> None:
    for package in PACKAGES_WITH_TESTS:
        for folder in sorted((SITE_PACKAGES / package).rglob("tests")):
            shutil.rmtree(folder, ignore_errors=True)


def let_matplotlib_use_a_read_only_cache() -> None:
    """matplotlib refuses a cache folder it cannot write to and wants a temporary one; reading the built-in one is enough."""
    source = SITE_PACKAGES / "matplotlib" / "__init__.py"
    text = source.read_text()
    wants, takes = "os.access(str(configdir), os.W_OK)", "os.access(str(configdir), os.R_OK)"
    if text.count(wants) != 1:
        sys.exit(f"{source}: the writability check is no longer where it was; adapt prepare.py")
    source.write_text(text.replace(wants, takes))


def compile_for_a_read_only_disk(folders: list[pathlib.Path]) -> None:
    """Byte code that is used without looking at its source: a run can neither write a cache nor trust file times."""
    for folder in folders:
        compileall.compile_dir(
            folder,
            quiet=2,
            force=True,
            workers=os.cpu_count() or 1,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


def write_environment() -> None:
    packages = sorted(
        ({"name": found.metadata["Name"].lower(), "version": found.version} for found in importlib.metadata.distributions()),
        key=lambda package: package["name"],
    )
    ENVIRONMENT.parent.mkdir(parents=True, exist_ok=True)
    ENVIRONMENT.write_text(json.dumps({"python": platform.python_version(), "packages": packages}, indent=1) + "\n")


def packages() -> None:
    remove_tests()
    let_matplotlib_use_a_read_only_cache()
    compile_for_a_read_only_disk([pathlib.Path(entry) for entry in sys.path[1:] if os.path.isdir(entry)])
    write_environment()


def runtime() -> None:
    os.makedirs(os.environ["MPLCONFIGDIR"], exist_ok=True)
    import matplotlib.font_manager  # noqa: F401  writes the font list into MPLCONFIGDIR

    if not list(pathlib.Path(os.environ["MPLCONFIGDIR"]).glob("fontlist-*.json")):
        sys.exit("matplotlib wrote no font list")
    compile_for_a_read_only_disk([ONESHOT])


if __name__ == "__main__":
    {"packages": packages, "runtime": runtime}[sys.argv[1]]()
