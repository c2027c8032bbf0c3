import { describe, expect, it, vi } from 'vitest';
import { OutputLog } from './output-log';
import { textOf } from './terminal';

const always = () => true;
const once = () => false;
const stdout = (text: string, notice: string | null = null) => ({
  stream: 'stdout' as const,
  text,
  notice,
});

describe('OutputLog', () => {
  it('works in small steps and loses nothing between them', () => {
    const log = new OutputLog();
    const text = '😀é\n'.repeat(3_000);
    log.append(stdout(text));
    let steps = 0;
    while (log.isPending) {
      log.work(once);
      steps += 1;
    }
    expect(steps).toBeGreaterThan(1);
    expect(log.terminal.rows.map(textOf).join('\n') + '\n').toBe(text);
  });

  it('counts lines on arrival, a last one without line feed too', () => {
    const log = new OutputLog();
    log.append(stdout('a\nb\nc'));
    expect(log.lineCount).toBe(2);
    log.finish();
    expect(log.lineCount).toBe(3);
  });

  it('shows a notice in its place', () => {
    const log = new OutputLog();
    log.append(stdout('head\n'));
    log.append(stdout('tail\n', '2 KiB of stdout left out here'));
    log.work(always);
    expect(log.terminal.rows.map(textOf)).toEqual([
      'head',
      '2 KiB of stdout left out here',
      'tail',
    ]);
  });

  it('starts again with a remark after a reset', () => {
    const log = new OutputLog();
    const listener = vi.fn();
    log.subscribe(listener);
    log.append(stdout('old\n'));
    log.work(always);
    log.reset('again');
    expect(log.terminal.rows.map(textOf)).toEqual(['again']);
    expect(log.lineCount).toBe(0);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('gives the last rows as text', () => {
    const log = new OutputLog();
    log.append(stdout('a\nb\nEOFError: EOF when reading a line\n'));
    log.work(always);
    expect(log.tail(1)).toBe('EOFError: EOF when reading a line');
  });
});
