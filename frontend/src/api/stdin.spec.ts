import { beforeEach, describe, expect, it, vi } from 'vitest';
import { aProblem } from '../testing/builders';
import type { Answer, Client } from './client';
import { createStdinSender, type StdinSender } from './stdin';

const post = vi.fn<Client['sendStdin']>();
const unreachable: Answer<number> = { kind: 'unreachable' };
const ok = (value: number): Answer<number> => ({ kind: 'ok', value });
const refused = (code: string): Answer<number> => ({
  kind: 'refused',
  status: 409,
  problem: aProblem({ code }),
});
let sender: StdinSender;
const numbers = () => post.mock.calls.map(([, , number]) => number);

beforeEach(() => {
  post.mockReset();
  sender = createStdinSender({ sendStdin: post }, (action) => {
    action();
  });
});

describe('createStdinSender', () => {
  it('numbers the pieces of a run from its first one', async () => {
    sender.begin('a');
    post.mockResolvedValueOnce(ok(1)).mockResolvedValueOnce(ok(2));
    await sender.send('a', 'x\n');
    await sender.send('a', null);
    expect(post.mock.calls).toEqual([
      ['a', 'x\n', 0],
      ['a', null, 1],
    ]);
  });

  it('sends a piece again with its number', async () => {
    sender.begin('a');
    post.mockResolvedValueOnce(unreachable).mockResolvedValueOnce(ok(1));
    expect(await sender.send('a', 'x\n')).toEqual(ok(1));
    expect(numbers()).toEqual([0, 0]);
  });

  it('gives up after a few tries', async () => {
    sender.begin('a');
    post.mockResolvedValue(unreachable);
    expect(await sender.send('a', 'x\n')).toEqual(unreachable);
    expect(numbers()).toEqual([0, 0, 0, 0]);
  });

  it('does not send twice what has no number', async () => {
    post.mockResolvedValueOnce(unreachable);
    await sender.send('a', 'x\n');
    expect(numbers()).toEqual([null]);
    post.mockResolvedValueOnce(ok(7)).mockResolvedValueOnce(ok(8));
    await sender.send('a', 'x\n');
    await sender.send('a', 'y\n');
    expect(numbers()).toEqual([null, null, 7]);
  });

  it('comes after what another page has sent', async () => {
    sender.begin('a');
    post.mockResolvedValueOnce(refused('stdin_out_of_order')).mockResolvedValueOnce(ok(3));
    await sender.send('a', 'x\n');
    expect(numbers()).toEqual([0, null]);
  });

  it('takes no for an answer', async () => {
    sender.begin('a');
    post.mockResolvedValue(refused('stdin_ended'));
    await sender.send('a', 'x\n');
    expect(numbers()).toEqual([0]);
  });
});
