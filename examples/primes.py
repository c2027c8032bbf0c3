"""Runs the same function in threads and as asyncio tasks."""

import asyncio
import concurrent.futures


def primes_below(limit):
    sieve = bytearray([1]) * limit
    sieve[:2] = b"\0\0"
    for number in range(2, int(limit**0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, limit, number)))
    return sum(sieve)


limits = [10, 1_000, 100_000, 1_000_000]
with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
    print("threads:", list(pool.map(primes_below, limits)))


async def count(limit):
    return await asyncio.to_thread(primes_below, limit)


async def main():
    print("asyncio:", await asyncio.gather(*map(count, limits)))


asyncio.run(main())
