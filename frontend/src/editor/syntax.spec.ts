import { pythonLanguage } from '@codemirror/lang-python';
import { describe, expect, it } from 'vitest';
import { syntaxFaults } from './syntax';

const faultsOf = (text: string) =>
  syntaxFaults(pythonLanguage.parser.parse(text), text).map(
    ({ from, to, message }) => `${text.slice(from, to)} ${message}`,
  );

describe('syntaxFaults', () => {
  it.each([
    ['print("a"\nx = 1\ny = 2\n', ['( “(” is never closed.']],
    ['def f(:\n    pass\n', ['( “(” is never closed.']],
    ['x = [1, 2\n', ['[ “[” is never closed.']],
    ['x = {1: 2\n', ['{ “{” is never closed.']],
    ['x = (1, 2))\n', [') “)” closes nothing.']],
    ['x = = 2\n', ['= This is not valid Python.']],
    ['a b\n', ['b This is not valid Python.']],
    ['df.\nprint(1)\n', ['. This is not valid Python.']],
    ['for i in range(3)\n    print(i)\n', [') A “:” is missing here.']],
    ['if x\n    y\n', ['x A “:” is missing here.']],
    ['def f():\nx = 1\n', ['x An indented block is missing here.']],
  ])('names what is wrong in %j, once', (text, want) => {
    expect(faultsOf(text)).toEqual(want);
  });

  it('finds several faults', () => {
    expect(faultsOf('x = = 2\ny = 1\na b\n')).toHaveLength(2);
  });

  it.each([
    'with (open("a") as a, open("b") as b):\n    pass\n',
    'for x in *a, *b:\n    pass\n',
    'def f():\n    x = yield\n',
    'match x:\n    case [1, *rest] if rest:\n        pass\n',
    'print(f"{a!r:>{width}}", *b, **c)\n',
    'async def f(a, /, *, b: int = 1) -> None:\n    async with x as y:\n        await y\n',
    'try:\n    pass\nexcept* ValueError as error:\n    pass\n',
    '',
  ])('finds nothing in valid Python: %j', (text) => {
    expect(faultsOf(text)).toEqual([]);
  });
});
