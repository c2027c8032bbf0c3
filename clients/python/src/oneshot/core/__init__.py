"""What both clients decide, without any I/O: requests, answers, repetitions, events."""
