// The look of the editor. Colours are the page's custom properties, so that both themes apply here too.
import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export const editorTheme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--text)', padding: 'var(--space-2) 0' },
  '.cm-line': { padding: '0 var(--space-3)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '2px' },
  '.cm-gutters': {
    backgroundColor: 'var(--surface)', // long lines are scrolled under it
    color: 'var(--muted)',
    border: 'none',
    paddingLeft: 'var(--space-1)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
  '&.cm-focused .cm-activeLine': { backgroundColor: 'var(--active-line)' },
  '&.cm-focused .cm-activeLineGutter': { color: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    background: 'var(--selection)',
  },
  '.cm-selectionBackground': { background: 'var(--selection-weak)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--match)' },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'transparent',
    outline: '1px solid var(--line-strong)',
  },
  '&.cm-focused .cm-nonmatchingBracket': {
    backgroundColor: 'transparent',
    outline: '1px solid var(--bad)',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--match)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--selection)' },
  '.cm-lintRange': {
    paddingBottom: '0',
    textDecoration: 'underline wavy 1px',
    textDecorationSkipInk: 'none',
    textUnderlineOffset: '0.2em',
  },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecorationColor: 'var(--bad)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecorationColor: 'var(--code-type)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--code-type)' },
  '.cm-problems': {
    display: 'flex',
    gap: 'var(--space-2)',
    alignItems: 'center',
    padding: '0 var(--space-1) 0 var(--space-3)',
    font: '0.8125rem var(--sans)',
  },
  '.cm-problems strong': { whiteSpace: 'nowrap', color: 'var(--bad)' },
  '.cm-problems span': { flex: '1', minWidth: '0', padding: 'var(--space-1) 0' },
  '.cm-problems button': { margin: 'var(--space-1) 0', whiteSpace: 'nowrap' },
  '.cm-panels': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    borderTop: '1px solid var(--line)',
  },
  '.cm-panel input, .cm-panel button': {
    minHeight: '1.75rem',
    color: 'var(--text)',
    background: 'var(--surface)',
    border: '1px solid var(--line-strong)',
    borderRadius: '4px',
    backgroundImage: 'none',
  },
  '.cm-panel.cm-search': { fontSize: '0.875rem', padding: 'var(--space-2)' },
  '.cm-panel.cm-search label': {
    display: 'inline-flex',
    gap: 'var(--space-1)',
    alignItems: 'center',
    fontSize: 'inherit',
  },
  '.cm-panel.cm-search input[type=checkbox]': { minHeight: '1.25rem', margin: '0' },
  '.cm-panel.cm-search input.cm-textfield, .cm-panel.cm-search button': { fontSize: 'inherit' },
  '.cm-panel button[name=close]': { minWidth: '1.75rem', border: 'none' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: '6px',
  },
  '.cm-tooltip.cm-completionInfo': { padding: '0' },
  '.cm-documentation': {
    maxWidth: 'min(32rem, 90vw)',
    padding: 'var(--space-2) var(--space-3)',
    font: '0.8125rem / 1.4 var(--sans)',
    whiteSpace: 'normal',
    overflowWrap: 'anywhere',
  },
  '.cm-documentation code': { fontFamily: 'var(--mono)', color: 'var(--code-function)' },
  '.cm-documentation p': { margin: 'var(--space-1) 0 0' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '0.2rem 0.5rem' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--accent)',
    color: 'var(--on-accent)',
  },
});

export const pythonColours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.comment], color: 'var(--code-comment)', fontStyle: 'italic' },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName)],
    color: 'var(--code-function)',
  },
  {
    tag: [tags.className, tags.definition(tags.typeName), tags.typeName],
    color: 'var(--code-type)',
  },
  { tag: [tags.meta, tags.self], color: 'var(--code-type)' },
  { tag: [tags.escape], color: 'var(--code-number)' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);
