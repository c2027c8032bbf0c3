import { describe, expect, it, vi } from 'vitest';
import type { Submission } from '../domain/run';
import { createClient, parseRetryAfter } from './client';

const answering = (response: Response | Error) => {
  const fetcher = vi.fn<typeof fetch>(() =>
    response instanceof Error ? Promise.reject(response) : Promise.resolve(response),
  );
  return { fetcher, client: createClient(fetcher) };
};

const breakOff = () => Promise.reject(new TypeError('network error'));

const submission = { source: 'print(1)', stdin: '' };

describe('createRun', () => {
  it('asks for what can be shown', async () => {
    const { fetcher, client } = answering(Response.json({ id: '01j', status: 'queued' }));
    await client.createRun({ ...submission, display: 1.5 }, 'key');
    expect(fetcher.mock.calls[0]?.[1]?.body).toBe('{"source":"print(1)","display":1.5}');
  });

  it('posts all that a submission can have', async () => {
    const { fetcher, client } = answering(Response.json({ id: '01j', status: 'queued' }));
    const whole: Required<Submission> = {
      source: 'print(1)',
      stdin: 'in',
      stdin_open: true,
      display: 2,
      args: ['a'],
      limits: { scratch_mib: 8 },
      files: [{ path: 'a', content: '' }],
      outputs: ['*.csv'],
    };
    await client.createRun(whole, 'key');
    expect(JSON.parse(fetcher.mock.calls[0]?.[1]?.body as string)).toEqual(whole);
  });

  it('posts the submission and leaves an empty stdin out', async () => {
    const { fetcher, client } = answering(Response.json({ id: '01j', status: 'queued' }));
    const answer = await client.createRun(submission, 'key');
    expect(answer).toMatchObject({ kind: 'ok', value: { id: '01j' } });
    expect(fetcher.mock.calls[0]?.[0]).toBe('/api/v1/runs');
    expect(fetcher.mock.calls[0]?.[1]?.body).toBe('{"source":"print(1)"}');
    expect(fetcher.mock.calls[0]?.[1]?.headers).toMatchObject({ 'idempotency-key': 'key' });
  });

  it.each([
    [503, 'queue_full'],
    [503, 'overloaded'],
    [503, 'unavailable'],
    [503, 'shutting_down'],
    [429, 'too_many_connections'],
    [429, null],
  ])('takes %d %s as busy, with the delay that the server asks for', async (status, code) => {
    const { client } = answering(
      Response.json(code && { code }, { status, headers: { 'retry-after': '7' } }),
    );
    expect(await client.createRun(submission, 'key')).toEqual({
      kind: 'busy',
      retryAfterMs: 7_000,
    });
  });

  it.each([
    [503, 'unknown_outcome'],
    [503, 'a_code_of_a_newer_server'],
    [503, null],
    [500, 'internal'],
  ])('takes %d %s as unconfirmed, with the words of the server', async (status, code) => {
    const { client } = answering(Response.json({ code, title: 'Hm' }, { status }));
    expect(await client.createRun(submission, 'key')).toMatchObject({
      kind: 'unconfirmed',
      problem: { title: 'Hm', code },
    });
  });

  it.each([
    ['no run', Response.json({ hello: 1 })],
    ['no JSON', new Response('<html>', { status: 201 })],
  ])('takes an acceptance that is %s as unconfirmed', async (_what, response) => {
    const { client } = answering(response);
    expect(await client.createRun(submission, 'key')).toMatchObject({
      kind: 'unconfirmed',
      problem: { title: expect.stringContaining('cannot read') as string },
    });
  });

  it('gives the problem details of a refusal', async () => {
    const body = { title: 'Invalid', errors: [{ pointer: '/source', detail: 'Empty.' }] };
    const { client } = answering(Response.json(body, { status: 422 }));
    expect(await client.createRun(submission, 'key')).toMatchObject({
      kind: 'refused',
      status: 422,
      problem: { title: 'Invalid', errors: [{ pointer: '/source', detail: 'Empty.' }] },
    });
  });

  it('finds words for a refusal without problem details', async () => {
    const { client } = answering(new Response('<html>', { status: 413 }));
    expect(await client.createRun(submission, 'key')).toMatchObject({
      problem: { title: expect.stringContaining('larger than the server accepts') as string },
    });
  });

  it.each([
    ['a network error', new TypeError('failed')],
    ['a gateway without api', new Response('', { status: 502 })],
    ['a gateway that waited too long', new Response('', { status: 504 })],
    ['an answer that breaks off', new Response(new ReadableStream({ pull: breakOff }))],
  ])('takes %s as unreachable', async (_what, response) => {
    const { client } = answering(response);
    expect(await client.createRun(submission, 'key')).toEqual({ kind: 'unreachable' });
  });
});

describe('getRun', () => {
  it('asks for no output, because the stream has all of it', async () => {
    const { fetcher, client } = answering(Response.json({ id: '01j', status: 'running' }));
    expect(await client.getRun('01j')).toMatchObject({ kind: 'ok', value: { id: '01j' } });
    expect(fetcher.mock.calls[0]?.[0]).toBe('/api/v1/runs/01j?output=none');
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
