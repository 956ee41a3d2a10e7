"""What every profile is turned into: how often each stack of functions was seen."""

from collections import Counter

# From the outermost function to the one that was running.
Stack = tuple[str, ...]
Stacks = Counter[Stack]


class ProfileError(Exception):
    """It is no profile; the message says why."""


def hottest(stacks: Stacks) -> list[tuple[str, int, int]]:
    """Functions, with what was seen in each itself and below it, those that ran most first."""
    itself: Counter[str] = Counter()
    below: Counter[str] = Counter()
    for stack, value in stacks.items():
        itself[stack[-1]] += value
        # A function that calls itself is below itself once.
        for function in set(stack):
            below[function] += value
    return [(function, value, below[function]) for function, value in itself.most_common()]
