import { describe, expect, it, vi } from 'vitest';
import { createClient, parseRetryAfter } from './client';

const answering = (response: Response | Error) => {
  const fetcher = vi.fn<typeof fetch>(() =>
    response instanceof Error ? Promise.reject(response) : Promise.resolve(response),
  );
  return { fetcher, client: createClient(fetcher) };
};

const submission = { source: 'print(1)', stdin: '' };

describe('createRun', () => {
  it('posts the submission and leaves an empty stdin out', async () => {
    const { fetcher, client } = answering(Response.json({ id: '01j', status: 'queued' }));
    const answer = await client.createRun(submission);
    expect(answer).toMatchObject({ kind: 'ok', value: { id: '01j' } });
    expect(fetcher.mock.calls[0]?.[0]).toBe('/api/v1/runs');
    expect(fetcher.mock.calls[0]?.[1]?.body).toBe('{"source":"print(1)"}');
  });

  it.each([503, 429])('takes %d as busy, with the delay the server asks for', async (status) => {
    const { client } = answering(new Response('', { status, headers: { 'retry-after': '7' } }));
    expect(await client.createRun(submission)).toEqual({ kind: 'busy', retryAfterMs: 7_000 });
  });

  it('gives the problem details of a refusal', async () => {
    const body = { title: 'Invalid', errors: [{ pointer: '/source', detail: 'Empty.' }] };
    const { client } = answering(Response.json(body, { status: 422 }));
    expect(await client.createRun(submission)).toMatchObject({
      kind: 'refused',
      status: 422,
      problem: { title: 'Invalid', errors: [{ pointer: '/source', detail: 'Empty.' }] },
    });
  });

  it('finds words for a refusal without problem details', async () => {
    const { client } = answering(new Response('<html>', { status: 413 }));
    expect(await client.createRun(submission)).toMatchObject({
      problem: { title: expect.stringContaining('larger than the server accepts') as string },
    });
  });

  it.each([
    ['a network error', new TypeError('failed')],
    ['a gateway without api', new Response('', { status: 502 })],
    ['an answer that is no run', Response.json({ hello: 1 })],
  ])('takes %s as unreachable', async (_what, response) => {
    const { client } = answering(response);
    expect(await client.createRun(submission)).toEqual({ kind: 'unreachable' });
  });
});

describe('parseRetryAfter', () => {
  it.each([
    ['5', 5_000],
    ['0', 1_000],
    ['100000', 60_000],
    [null, 2_000],
    ['soon', 2_000],
    ['Thu, 01 Jan 1970 00:00:09 GMT', 9_000],
  ])('reads %s as %d ms', (value, want) => {
    expect(parseRetryAfter(value, 0)).toBe(want);
  });
});
