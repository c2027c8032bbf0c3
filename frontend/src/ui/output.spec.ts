// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OutputLog } from '../domain/output-log';
import type { Run } from '../domain/run';
import { createStore, type Store } from '../state/store';
import { adviseOn } from './outcome';
import { aDisplay, aRun, aSetting, someBounds } from '../testing/builders';
import { mountOutput } from './output';
import type { LoadTable } from './table';

let root: HTMLElement;
let store: Store;
let output: OutputLog;
let frames: FrameRequestCallback[];
const onGoToLine = vi.fn();
const onRunWithScratch = vi.fn();
const loadTable = vi.fn<LoadTable>().mockResolvedValue(null);

const find = (selector: string): HTMLElement => {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const draw = () => {
  while (frames.length > 0) for (const frame of frames.splice(0)) frame(0);
};
const print = (text: string, stream: 'stdout' | 'stderr' = 'stdout') => {
  output.append({ stream, text, notice: null });
};
const finish = (changes: Partial<Run>) => {
  store.dispatch({ type: 'run_requested', at: 0 });
  store.dispatch({ type: 'run_accepted', run: aRun(), at: 0 });
  output.finish();
  store.dispatch({ type: 'run_ended', run: aRun(changes) });
  draw();
};
const remarks = () =>
  Array.from(root.querySelectorAll<HTMLElement>('.remark'))
    .filter((remark) => !remark.hidden)
    .map((remark) => remark.textContent);
/** A size as a browser would have it; jsdom lays nothing out. */
const scrollTo = (scrollTop: number) => {
  const rows = find('.rows');
  Object.defineProperties(rows, {
    scrollHeight: { value: 1_000, configurable: true },
    clientHeight: { value: 100, configurable: true },
  });
  rows.scrollTop = scrollTop;
  rows.dispatchEvent(new Event('wheel'));
  rows.dispatchEvent(new Event('scroll'));
};

const mount = () =>
  mountOutput(root, store, output, {
    onGoToLine,
    onRunWithScratch,
    loadTable,
    wraps: aSetting(true),
  });

beforeEach(() => {
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame));
  vi.stubGlobal('cancelAnimationFrame', vi.fn());
  onGoToLine.mockClear();
  root = document.createElement('div');
  store = createStore();
  output = new OutputLog();
  mount();
  draw();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the rows', () => {
  describe('by the clock', () => {
    /** A clock that goes on whenever it is read, as time does while a page works. */
    const startClock = (perReading: number) => {
      let now = 1_000_000;
      vi.spyOn(performance, 'now').mockImplementation(() => (now += perReading));
    };
    afterEach(() => {
      vi.restoreAllMocks();
    });

    it('are drawn at once after a pause, and what comes with them in the next frame', () => {
      startClock(0);
      print('first\n');
      expect(find('.rows').textContent).toBe('first');
      print('second\n');
      expect(find('.rows').textContent).toBe('first');
      draw();
      expect(find('.rows').textContent).toBe('firstsecond');
    });

    it('are worked on once in a frame while there is a backlog, not with each event', () => {
      startClock(2);
      const work = vi.spyOn(output, 'work');
      print('line\n'.repeat(10_000));
      for (let frame = 0; frame < 20; frame += 1) {
        work.mockClear();
        print('line\n'.repeat(10_000));
        for (const drawn of frames.splice(0)) drawn(0);
        expect(work).toHaveBeenCalledTimes(1);
      }
    });
  });

  it('shows figures and tables in their place', () => {
    print('before\n');
    output.append({ display: aDisplay() });
    output.append({ display: aDisplay({ number: 1, mime: 'application/vnd.oneshot.table+json' }) });
    print('after\n');
    draw();
    const kinds = Array.from(root.querySelectorAll('.row'), (row) => row.className);
    expect(kinds).toEqual(['row stdout', 'row display', 'row display', 'row stdout']);
    expect(root.querySelector('img')?.alt).toBe('A title');
    expect(loadTable).toHaveBeenCalledOnce();
  });

  it('says when the links lead into another program', () => {
    const change = (isChanged: boolean) => {
      store.dispatch({ type: 'program_changed', isChanged });
      draw();
    };
    print('no traceback\n');
    change(true);
    expect(remarks()).toEqual([]);
    print('  File "/code/main.py", line 2, in <module>\n', 'stderr');
    change(false);
    expect(remarks()).toEqual([]);
    change(true);
    expect(remarks().join()).toContain('changed since this run');
  });

  it('offers scratch space to a program that could not write', () => {
    const fail = (scratch_mib: number) => {
      print("PermissionError: [Errno 13] Permission denied: 'out.csv'\n", 'stderr');
      finish({ status: 'failed', limits: { ...aRun().limits, scratch_mib } });
    };
    fail(16);
    expect(remarks().join()).not.toContain('scratch');
    output.reset();
    store.dispatch({
      type: 'bounds_read',
      bounds: { ...someBounds, maxima: { ...someBounds.maxima, scratch_mib: 0 } },
    });
    fail(0);
    expect(remarks().join()).not.toContain('scratch');
    store.dispatch({ type: 'bounds_read', bounds: someBounds });
    draw();
    expect(remarks().join()).toContain('scratch space');
    find('.remark .tool').click();
    expect(onRunWithScratch).toHaveBeenCalledOnce();
  });

  it('says when something was not shown', () => {
    finish({ status: 'succeeded', dropped_displays: 2 });
    expect(remarks()).toContain(
      '2 figures or tables are not shown. The warnings of the program say why.',
    );
  });

  it('are drawn once per frame', () => {
    print('a\n');
    print('b\n');
    expect(frames).toHaveLength(1);
    draw();
    expect(find('.rows').textContent).toBe('ab');
  });

  it('lead from a traceback to the line', () => {
    print('  File "main.py", line 7\n', 'stderr');
    draw();
    find('.line-link').click();
    expect(onGoToLine).toHaveBeenCalledWith(7);
  });
});

describe('following the end', () => {
  it('stops when the reader scrolls away and goes on at the end', () => {
    print('a\n');
    draw();
    expect(find('.jump').hidden).toBe(true);
    scrollTo(300);
    expect(find('.jump').hidden).toBe(false);
    print('b\n');
    draw();
    expect(find('.rows').scrollTop).toBe(300);
    scrollTo(890);
    expect(find('.jump').hidden).toBe(true);
  });

  it('goes on with the button, which hands its focus to the rows', () => {
    document.body.replaceChildren(root);
    print('a\n');
    draw();
    scrollTo(300);
    find('.jump').click();
    expect(find('.rows').scrollTop).toBe(1_000);
    // A browser tells of its own scrolling too.
    find('.rows').dispatchEvent(new Event('scroll'));
    expect(find('.jump').hidden).toBe(true);
    expect(document.activeElement).toBe(find('.rows'));
  });

  it('begins again with the next run', () => {
    print('a\n');
    draw();
    scrollTo(300);
    output.reset();
    print('b\n');
    draw();
    expect(find('.jump').hidden).toBe(true);
  });
});

describe('the remarks', () => {
  it.each<[string, Partial<Run>]>([
    ['The program ended without printing anything.', { status: 'succeeded' }],
    ['The program ended without printing anything.', { status: 'failed' }],
    ['Nothing was printed.', { status: 'cancelled' }],
  ])('say "%s" after %j without output', (want, changes) => {
    finish(changes);
    expect(find('.output-empty').textContent).toBe(want);
    const advice = adviseOn(aRun(changes));
    expect(remarks()).toEqual(advice === null ? [] : [advice]);
  });

  it('are hidden until the first frame says which are due', () => {
    root.replaceChildren();
    mount();
    expect(remarks()).toEqual([]);
  });

  it('link to the raw output of a run that printed something', () => {
    print('a\n');
    finish({ status: 'succeeded' });
    expect(find('.output-empty').hidden).toBe(true);
    expect(Array.from(root.querySelectorAll('a'), (link) => link.getAttribute('href'))).toEqual([
      `/api/v1/runs/${aRun().id}/stdout`,
      `/api/v1/runs/${aRun().id}/stderr`,
    ]);
    expect(remarks()).toEqual(['Raw output: stdout stderr']);
  });

  it('tell how much was dropped, else that something was lost', () => {
    print('a\n');
    const sizes = { stdout_bytes: 4096, stderr_bytes: 0, stderr_dropped_bytes: 0 };
    finish({
      status: 'succeeded',
      truncated: true,
      output: { ...sizes, stdout_dropped_bytes: 1024 },
    });
    expect(remarks()[0]).toMatch(/^Too much output: 1 KiB of 4 KiB/);
    finish({ status: 'succeeded', truncated: true });
    expect(remarks()[0]).toMatch(/^The end of the output may be missing/);
  });

  it('hint at the standard input when the program missed it', () => {
    print('EOFError: EOF when reading a line\n', 'stderr');
    finish({ status: 'failed', exit_code: 1 });
    expect(remarks()[0]).toMatch(/asked for more input/);
  });

  it('tell how many rows are not shown', () => {
    print('x\n'.repeat(20_000));
    finish({ status: 'succeeded' });
    expect(remarks()[0]).toMatch(/earlier lines are not shown/);
  });
});
