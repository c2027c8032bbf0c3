"""Ends with an exception: its traceback shows this file's own lines, and the exit code is 1."""


def divide(dividend, divisor):
    return dividend / divisor


print("before")
divide(1, 0)
print("never")
