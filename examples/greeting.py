"""Asks for input. What input() reads is in the field "Standard input" below the program."""

name = input("What is your name? ")
numbers = [float(word) for word in input("Some numbers: ").split()]
print()
print(f"Hello, {name}!")
print(f"Your {len(numbers)} numbers add up to {sum(numbers):g}.")
