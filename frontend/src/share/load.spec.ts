import { beforeEach, expect, it, vi } from 'vitest';
import type { ShareClient } from '../api/client';
import { OutputLog } from '../domain/output-log';
import type { OutputPiece, SharePage } from '../domain/share';
import { aDisplay, aProblem, aRun } from '../testing/builders';
import { words } from '../words';
import { loadShare } from './load';

const submission = { source: 'print(1)', stdin: '' };
const text = (value: string): OutputPiece => ({ stream: 'stdout', text: value, dropped_bytes: 0 });
const page = (next: string | null, ...pieces: OutputPiece[]): SharePage => ({
  id: 's',
  createdAt: 'c',
  expiresAt: 'e',
  run: aRun({ status: 'succeeded' }),
  pieces,
  next,
});
const ok = <T>(value: T) => ({ kind: 'ok', value }) as const;

let output: OutputLog;
let getShare: ReturnType<typeof vi.fn<ShareClient['getShare']>>;
let getSharedSubmission: ReturnType<typeof vi.fn<ShareClient['getSharedSubmission']>>;
const load = () =>
  loadShare({ getShare, getSharedSubmission } as unknown as ShareClient, 's', output);
const shown = () => {
  output.work(() => true);
  return output.tail(99);
};

beforeEach(() => {
  output = new OutputLog();
  getShare = vi.fn<ShareClient['getShare']>();
  getSharedSubmission = vi
    .fn<ShareClient['getSharedSubmission']>()
    .mockResolvedValue(ok(submission));
});

it('reads the run, the program and all pages of the output', async () => {
  getShare
    .mockResolvedValueOnce(ok(page('1-5', text('one\n'))))
    .mockResolvedValueOnce(
      ok(page(null, { display: aDisplay(), text: '', dropped_bytes: 0 }, text('two\n'))),
    );
  const loading = await load();
  expect(loading).toMatchObject({ kind: 'loaded', share: { submission, expiresAt: 'e' } });
  expect(getShare.mock.calls).toEqual([
    ['s', '0-0'],
    ['s', '1-5'],
  ]);
  expect(shown()).toMatch(/one\n.*\n?two/);
  expect(output.lineCount).toBe(2);
});

it('tells what was dropped in its place', async () => {
  getShare.mockResolvedValue(ok(page(null, { stream: 'stderr', text: 'x', dropped_bytes: 2048 })));
  await load();
  expect(shown()).toContain(words.output.droppedHere(2048, 'stderr'));
});

it('shows what came when the rest does not', async () => {
  getShare
    .mockResolvedValueOnce(ok(page('1-5', text('one\n'))))
    .mockResolvedValue({ kind: 'unreachable' });
  expect((await load()).kind).toBe('loaded');
  expect(shown()).toContain('one');
  expect(shown()).toContain(words.share.cut);
});

it('does not go round in circles with a server that does not go on', async () => {
  getShare.mockResolvedValue(ok(page('0-0', text('one\n'))));
  await load();
  expect(getShare.mock.calls.length).toBeLessThan(4);
  expect(shown()).toContain(words.share.cut);
});

it('says that nothing is shared here', async () => {
  getShare.mockResolvedValue({ kind: 'refused', status: 404, problem: aProblem() });
  expect(await load()).toMatchObject({ kind: 'failed', problem: { title: words.share.vanished } });
});

it.each([
  [{ kind: 'busy', retryAfterMs: 1 }, words.problem.busyHeading],
  [{ kind: 'unreachable' }, words.problem.unreachableHeading],
  [{ kind: 'unconfirmed', problem: aProblem({ title: 'No' }), isFinal: true }, 'No'],
] as const)('says what went wrong: %o', async (answer, title) => {
  getShare.mockResolvedValue(ok(page(null)));
  getSharedSubmission.mockResolvedValue(answer);
  expect(await load()).toMatchObject({ kind: 'failed', problem: { title } });
});
