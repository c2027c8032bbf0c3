// What a name is, beside a completion, under the mouse, and at the cursor on request.
import { syntaxTree } from '@codemirror/language';
import type { EditorState, Extension } from '@codemirror/state';
import {
  activateHover,
  closeHoverTooltips,
  EditorView,
  hasHoverTooltips,
  hoverTooltip,
  keymap,
  type Command,
} from '@codemirror/view';
import type { SyntaxNode } from '@lezer/common';
import { words } from '../words';
import { nameIndex } from './name-index';
import { resolve, type Thing } from './resolve';

const isTold = ({ signature, documentation }: Thing): boolean =>
  signature !== '' || documentation !== '';

export function documentationBox(thing: Thing | null): HTMLElement | null {
  if (!thing || !isTold(thing)) return null;
  const box = document.createElement('div');
  box.className = 'cm-documentation';
  const code = document.createElement('code');
  code.textContent = thing.name + thing.signature;
  box.append(code);
  if (thing.documentation !== '') {
    const text = document.createElement('p');
    text.textContent = thing.documentation;
    box.append(text);
  }
  return box;
}

/** The name at a place or, among its arguments, the one that is called. */
function nameAt(state: EditorState, position: number, side: -1 | 1): SyntaxNode | null {
  const node = syntaxTree(state).resolveInner(position, side);
  if (node.name === 'VariableName') return node;
  return node.name === 'PropertyName' ? node.parent : null;
}

function callAround(state: EditorState, position: number): SyntaxNode | null {
  let node: SyntaxNode | null = syntaxTree(state).resolveInner(position, -1);
  while (node && node.name !== 'ArgList') node = node.parent;
  return node?.parent?.firstChild ?? null;
}

const thingOf = (state: EditorState, node: SyntaxNode): Promise<Thing | null> =>
  resolve(node, { tree: syntaxTree(state), text: state.doc.toString(), index: nameIndex });

const hover = hoverTooltip(
  async ({ state }, position, side) => {
    const node = nameAt(state, position, side);
    const thing = node && (await thingOf(state, node));
    const dom = documentationBox(thing);
    return node && dom
      ? { pos: node.from, end: node.to, above: true, create: () => ({ dom }) }
      : null;
  },
  { hideOnChange: true },
);

const tell: Command = (view) => {
  const { state } = view;
  const { head } = state.selection.main;
  const node = nameAt(state, head, -1) ?? nameAt(state, head, 1) ?? callAround(state, head);
  const say = (text: string) => {
    view.dispatch({ effects: EditorView.announce.of(text) });
  };
  if (!node) {
    say(words.editor.nothingKnown);
    return true;
  }
  void thingOf(state, node).then((thing) => {
    if (view.state.doc !== state.doc) return;
    if (!thing || !isTold(thing)) {
      say(words.editor.nothingKnown);
      return;
    }
    say(`${thing.name}${thing.signature}. ${thing.documentation}`);
    activateHover(view, node.to, -1, {
      tooltip: hover,
      until: (transaction) => transaction.docChanged || transaction.selection !== undefined,
    });
  });
  return true;
};

const close: Command = (view) => {
  if (!hasHoverTooltips(view.state)) return false;
  view.dispatch({ effects: closeHoverTooltips });
  return true;
};

export const documentation: Extension = [
  hover,
  keymap.of([
    { key: 'Mod-k Mod-i', run: tell, preventDefault: true },
    { key: 'Escape', run: close },
  ]),
];
