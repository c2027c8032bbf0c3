# tries: to change everybody's root
# contained: EPERM from the filter
def attempt():
    return reached(155, b"/nowhere", b"/nowhere")
