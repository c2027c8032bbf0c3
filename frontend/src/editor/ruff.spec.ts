import { describe, expect, it, vi } from 'vitest';
import type { RuffAnswer, RuffRequest } from './ruff-messages';
import { createRuff, type RuffWorker } from './ruff';

vi.mock('./ruff-worker?worker&url', () => ({ default: '/worker.js' }));

class FakeWorker extends EventTarget implements RuffWorker {
  readonly asked: RuffRequest[] = [];
  readonly terminate = vi.fn();
  postMessage(request: RuffRequest) {
    this.asked.push(request);
  }
  say(data: RuffAnswer) {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

function begin() {
  const workers: FakeWorker[] = [];
  const onReady = vi.fn();
  const ruff = createRuff(onReady, () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  });
  return { ruff, workers, onReady };
}

describe('createRuff', () => {
  it('loads nothing before it is asked to, and checks nothing before it is there', async () => {
    const { ruff, workers } = begin();
    expect(await ruff.check('x')).toBeNull();
    expect(workers).toHaveLength(0);
  });

  it('turns findings into faults of the text', async () => {
    const { ruff, workers, onReady } = begin();
    ruff.load();
    ruff.load();
    expect(workers).toHaveLength(1);
    workers[0]?.say({ kind: 'ready' });
    expect(onReady).toHaveBeenCalledOnce();
    const faults = ruff.check('import os\nx = y\n');
    const place = (row: number, column: number) => ({ row, column });
    const findings = [
      { code: 'F401', message: 'unused', start_location: place(1, 8), end_location: place(1, 10) },
      { code: 'F821', message: 'unknown', start_location: place(2, 5), end_location: place(2, 6) },
      { code: null, message: 'broken', start_location: place(9, 1), end_location: place(9, 1) },
    ];
    workers[0]?.say({ kind: 'checked', number: 0, findings });
    expect(await faults).toEqual([
      { from: 7, to: 9, message: 'unused (F401)', severity: 'warning' },
      { from: 14, to: 15, message: 'unknown (F821)', severity: 'error' },
      { from: 16, to: 16, message: 'broken', severity: 'error' },
    ]);
  });

  it('formats as soon as it has been loaded', async () => {
    const { ruff, workers } = begin();
    const formatted = ruff.format('x=1');
    expect(workers[0]?.asked).toEqual([]);
    workers[0]?.say({ kind: 'ready' });
    expect(workers[0]?.asked).toEqual([{ number: 0, kind: 'format', text: 'x=1' }]);
    workers[0]?.say({ kind: 'formatted', number: 0, text: 'x = 1\n' });
    expect(await formatted).toEqual({ kind: 'formatted', text: 'x = 1\n' });
  });

  it('says that a program is not valid', async () => {
    const { ruff, workers } = begin();
    const formatted = ruff.format('x=');
    workers[0]?.say({ kind: 'ready' });
    workers[0]?.say({ kind: 'formatted', number: 0, text: null });
    expect(await formatted).toEqual({ kind: 'invalid' });
  });

  it('says that it could not be loaded, and tries again the next time', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { ruff, workers } = begin();
    const first = ruff.format('x=1');
    workers[0]?.say({ kind: 'failed', reason: 'offline' });
    expect(await first).toEqual({ kind: 'unavailable' });
    const second = ruff.format('x=1');
    workers[1]?.dispatchEvent(new Event('error', { cancelable: true }));
    expect(await second).toEqual({ kind: 'unavailable' });
    expect(workers).toHaveLength(2);
  });
});
