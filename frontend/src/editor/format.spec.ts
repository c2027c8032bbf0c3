import { history, undo } from '@codemirror/commands';
import { EditorState } from '@codemirror/state';
import { expect, it } from 'vitest';
import { toFormatted } from './format';

it('changes the program in one step and keeps the cursor where it is in it', () => {
  const text = 'x=1\ny = [1,2,\n3]\nprint( x )\n';
  const cursor = text.indexOf(' )');
  let state = EditorState.create({
    doc: text,
    selection: { anchor: cursor },
    extensions: history(),
  });
  const want = 'x = 1\ny = [1, 2, 3]\nprint(x)\n';
  const changes = toFormatted(state, want);
  if (!changes) throw new Error('no changes');
  state = state.update(changes).state;
  expect(state.doc.toString()).toBe(want);
  expect(state.selection.main.head).toBe(want.indexOf('x)') + 1);
  undo({ state, dispatch: (transaction) => (state = transaction.state) });
  expect(state.doc.toString()).toBe(text);
});

it('leaves a formatted program alone', () => {
  expect(toFormatted(EditorState.create({ doc: 'x = 1\n' }), 'x = 1\n')).toBeNull();
});
