// Keys that work anywhere on the page. The browser keeps its own keys, except that Ctrl+S and Ctrl+O are
// about the program instead of the page.

export interface ShortcutActions {
  readonly onRun: () => void;
  readonly onStop: () => void;
  readonly onSave: () => void;
  readonly onOpen: () => void;
  readonly onFormat: () => void;
}

interface Shortcut {
  readonly aria: string;
  readonly shown: string;
}

export interface Shortcuts {
  readonly command: string;
  readonly run: Shortcut;
  readonly stop: Shortcut;
  readonly format: Shortcut;
}

export function describeShortcuts(platform: string): Shortcuts {
  const isApple = /mac|iphone|ipad/i.test(platform);
  const command = isApple ? '⌘' : 'Ctrl';
  const aria = isApple ? 'Meta' : 'Control';
  return {
    command,
    run: { aria: `${aria}+Enter`, shown: isApple ? '⌘ Enter' : 'Ctrl+Enter' },
    stop: { aria: `${aria}+Shift+Enter`, shown: isApple ? '⌘ Shift Enter' : 'Ctrl+Shift+Enter' },
    format: { aria: 'Shift+Alt+F', shown: isApple ? '⇧⌥F' : 'Shift+Alt+F' },
  };
}

function actionOf(event: KeyboardEvent, actions: ShortcutActions): (() => void) | null {
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.altKey) {
    // On a Mac, Alt makes another letter of F.
    return event.shiftKey && !isCommand && event.code === 'KeyF' ? actions.onFormat : null;
  }
  if (!isCommand) return null;
  if (event.key === 'Enter') return event.shiftKey ? actions.onStop : actions.onRun;
  if (event.shiftKey) return null;
  const letters: Readonly<Record<string, () => void>> = { s: actions.onSave, o: actions.onOpen };
  return letters[event.key.toLowerCase()] ?? null;
}

export function bindShortcuts(target: Document, actions: ShortcutActions): () => void {
  const onKey = (event: KeyboardEvent) => {
    const action = actionOf(event, actions);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat) action();
  };
  // Captured before the editor, which would insert a line.
  target.addEventListener('keydown', onKey, { capture: true });
  return () => {
    target.removeEventListener('keydown', onKey, { capture: true });
  };
}
