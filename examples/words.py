"""Counts the words of its standard input; an argument says how many to show."""

import collections
import sys

shown = int(sys.argv[1]) if len(sys.argv) > 1 else 3
words = collections.Counter(word.strip(".,;:!?").lower() for line in sys.stdin for word in line.split())
for word, count in sorted(words.items(), key=lambda item: (-item[1], item[0]))[:shown]:
    print(f"{count:3} {word}")
