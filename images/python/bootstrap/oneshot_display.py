"""Lets a program show figures and tables where it was asked for: matplotlib's `show()`, what is still open at the end, and a builtin
`display()` as notebooks have it.

What is shown goes to the runner as a memory file with a description (images/python/runner/display.cpp), which looks at it as at
anything that a program sends. Each call waits for the answer, so that what the program writes before and after keeps its place.
"""

import sys


LONGEST_ALT = 500


class Channel:
    """The way to the runner. Processes that the program forks share it; what it executes does not have it."""

    def __init__(self, descriptor, scale):
        import os

        # The last one that a program may have (RLIMIT_NOFILE in runner/sandbox.cpp), so that those it opens have their usual numbers.
        self.descriptor = os.sysconf("SC_OPEN_MAX") - 1
        os.dup2(descriptor, self.descriptor, inheritable=False)
        os.close(descriptor)
        self.scale = scale

    def send(self, what, description, content):
        import os
        import warnings

        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not getattr(stream, "closed", True):
                stream.flush()
        file = os.memfd_create("display")
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(file, left) :]
            answer = self.hand_over(description, file)
        except OSError as error:  # the program has closed it
            answer = error.strerror
        finally:
            os.close(file)
        if answer != "shown":
            warnings.warn(f"a {what} is not shown: {answer}", stacklevel=level_of_program())

    def hand_over(self, description, file):
        import json
        import os
        import socket

        with socket.socket(fileno=os.dup(self.descriptor)) as channel:
            socket.send_fds(channel, [json.dumps(description).encode()], [file])
            return channel.recv(4096).decode(errors="replace")


channel = None  # of a program that may show something


def level_of_program():
    """Of the caller's caller that is neither in here nor in matplotlib, as warnings count."""
    level, frame = 1, sys._getframe(1)
    while frame and (frame.f_globals is globals() or frame.f_globals.get("__name__", "").startswith("matplotlib")):
        level, frame = level + 1, frame.f_back
    return level


def text_of(text):
    return " ".join(str(text).split())[:LONGEST_ALT]


def describe_figure(figure):
    """What a person sees first: titles, and what the axes say."""
    parts = [figure.get_suptitle()] if figure.get_suptitle() else []
    for axes in figure.axes:
        labels = [axes.get_xlabel(), axes.get_ylabel()]
        if hasattr(axes, "get_zlabel"):
            labels.append(axes.get_zlabel())
        title = axes.get_title() or axes.get_title("left") or axes.get_title("right")
        parts += [text for text in (title, " and ".join(filter(None, labels))) if text]
    return text_of(". ".join(dict.fromkeys(parts)) or "A figure without a title")


def send_figure(figure):
    import io

    import matplotlib

    content = io.BytesIO()
    description = {"alt": describe_figure(figure)}
    width, height = figure.get_size_inches() * figure.dpi
    if matplotlib.rcParams["savefig.format"] == "svg":
        figure.savefig(content, format="svg")
        description |= {"mime": "image/svg+xml", "width": float(width), "height": float(height)}
    else:
        figure.savefig(content, format="png", dpi=figure.dpi * channel.scale)
        description |= {"mime": "image/png", "scale": channel.scale}
    figure._oneshot_is_shown = True
    channel.send("figure", description, content.getbuffer())


def show_open_figures():
    """Those that the program has not shown; called when it ends."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    for manager in helpers.Gcf.get_all_fig_managers() if helpers else ():
        if not getattr(manager.canvas.figure, "_oneshot_is_shown", False):
            send_figure(manager.canvas.figure)


def let_pyplot_show(pyplot):
    """The backend stays Agg, which draws and shows nothing; what it manages figures with is another now."""
    import atexit

    from matplotlib._pylab_helpers import Gcf
    from matplotlib.backend_bases import FigureManagerBase
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    class FigureManager(FigureManagerBase):
        def show(self):
            send_figure(self.canvas.figure)

        @classmethod
        def pyplot_show(cls, *, block=None):
            for manager in Gcf.get_all_fig_managers():
                manager.show()
            Gcf.destroy_all()

    # Now, because what is registered later is called earlier: before matplotlib closes all figures, after what the program registers.
    atexit.register(show_open_figures)
    FigureCanvasAgg.manager_class = FigureManager
    if pyplot._backend_mod is not None:  # it has looked at the class already
        pyplot.switch_backend(pyplot.get_backend())


class PyplotFinder:
    """Waits for the import of pyplot, where that is not preloaded."""

    name = "matplotlib.pyplot"

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != cls.name:
            return None
        sys.meta_path.remove(cls)
        import importlib.util

        spec = importlib.util.find_spec(name)
        if spec is not None:
            execute = spec.loader.exec_module

            def execute_and_change(module):
                execute(module)
                let_pyplot_show(module)

            spec.loader.exec_module = execute_and_change
        return spec


def is_a(value, module, *names):
    """Whether it is one of these classes, without an import of what the program does not use."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(value, tuple(getattr(loaded, name) for name in names))


def display(*values):
    """Shows figures and tables, and images of objects that have one; prints anything else."""
    for value in values:
        if is_a(value, "matplotlib.figure", "Figure"):
            send_figure(value)
        elif is_a(value, "pandas", "DataFrame", "Series", "Index"):
            send_table(value)
        elif is_a(value, "pandas.io.formats.style", "Styler"):
            send_table(value.data)
        elif not send_image(value):
            print(repr(value))


def send_table(value):
    channel.send("table", *oneshot_table.encode(value))


def send_image(value):
    for method, description in (("_repr_png_", {"mime": "image/png"}), ("_repr_svg_", {"mime": "image/svg+xml"})):
        content = getattr(value, method)() if hasattr(type(value), method) else None
        if isinstance(content, str):
            content = content.encode()
        if isinstance(content, bytes):
            channel.send("picture", description | {"alt": f"A picture: {type(value).__name__}"}, content)
            return True
    return False


def begin(descriptor, scale):
    """Called once, before the program's first line."""
    import builtins

    global channel
    channel = Channel(descriptor, scale)
    builtins.display = display
    if PyplotFinder.name in sys.modules:
        let_pyplot_show(sys.modules[PyplotFinder.name])
    else:
        sys.meta_path.insert(0, PyplotFinder)


import oneshot_table  # noqa: E402  (known to this module alone once the program runs)
