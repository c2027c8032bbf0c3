// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from 'vitest';
import { Terminal } from '../domain/terminal';
import { aDisplay } from '../testing/builders';
import { OutputView } from './output-view';

let root: HTMLElement;
let view: OutputView;
let terminal: Terminal;

const shown = () => Array.from(root.querySelectorAll('.row'), (row) => row.textContent);

beforeEach(() => {
  root = document.createElement('div');
  view = new OutputView(root, (element, { alt }) => {
    element.textContent = `<${alt}>`;
  });
  terminal = new Terminal();
});

describe('OutputView', () => {
  it('draws new rows and the one that grew', () => {
    terminal.write('stdout', 'a\nb');
    view.draw(terminal);
    const first = root.querySelector('.row');
    terminal.write('stdout', 'c\nd\n');
    view.draw(terminal);
    expect(shown()).toEqual(['a', 'bc', 'd']);
    expect(root.querySelector('.row')).toBe(first);
  });

  it('stops after a block when it should, and goes on from there', () => {
    terminal.write('stdout', 'x\n'.repeat(250));
    const counts: number[] = [];
    while (!view.draw(terminal, () => false)) counts.push(shown().length);
    expect(counts).toEqual([100, 200]);
    expect(shown()).toHaveLength(250);
  });

  it('draws what is shown once, on a row of its own', () => {
    terminal.write('stdout', 'a');
    terminal.show(aDisplay());
    terminal.write('stdout', 'b');
    view.draw(terminal);
    const row = root.querySelector('.display');
    terminal.write('stdout', 'c');
    view.draw(terminal);
    expect(shown()).toEqual(['a', '<A title>', 'bc']);
    expect(root.querySelector('.display')).toBe(row);
  });

  it('never takes output for markup', () => {
    terminal.write('stdout', '<img src=x onerror=alert(1)>\x1b[31m<b>\n');
    view.draw(terminal);
    expect(root.querySelector('img, b')).toBeNull();
    expect(shown()).toEqual(['<img src=x onerror=alert(1)><b>']);
  });

  it('tells the streams apart', () => {
    terminal.write('stdout', 'a\n');
    terminal.write('stderr', 'b\n');
    view.draw(terminal);
    expect(Array.from(root.querySelectorAll('.row'), (row) => row.className)).toEqual([
      'row stdout',
      'row stderr',
    ]);
  });

  it('colours segments by class, free colours by property', () => {
    terminal.write('stdout', '\x1b[1;31mred\x1b[0;38;2;1;2;3mfree\x1b[0;7minverse');
    view.draw(terminal);
    const [red, free, inverse] = root.querySelectorAll('span');
    expect(red?.className).toBe('bold fg-1');
    expect(free?.style.getPropertyValue('--fg')).toBe('rgb(1, 2, 3)');
    expect(inverse?.className).toBe('inverse');
  });

  it('makes traceback lines into buttons, also inside coloured text', () => {
    terminal.write('stderr', '  File "/x/\x1b[35mmain.py", line 12\x1b[0m, in f\n');
    view.draw(terminal);
    const link = root.querySelector<HTMLElement>('button.line-link');
    expect(link?.textContent).toBe('line 12');
    expect(link?.dataset['line']).toBe('12');
    expect(shown()).toEqual(['  File "/x/main.py", line 12, in f']);
  });

  it('follows a terminal that drops old rows', () => {
    for (let i = 0; i < 20_000; i += 1) {
      terminal.write('stdout', `${i}\n`);
      if (i % 700 === 0) view.draw(terminal);
    }
    view.draw(terminal);
    expect(shown()).toHaveLength(terminal.rows.length);
    expect(shown()[0]).toBe(String(terminal.firstIndex));
    expect(shown().at(-1)).toBe('19999');
  });

  it('starts afresh with another terminal', () => {
    terminal.write('stdout', 'old\n');
    view.draw(terminal);
    const next = new Terminal();
    next.write('stdout', 'new\n');
    view.draw(next);
    expect(shown()).toEqual(['new']);
  });
});
