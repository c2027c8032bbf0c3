// Keys that work anywhere on the page. The browser keeps its own keys, except that Ctrl+S and Ctrl+O are
// about the program instead of the page.

export interface ShortcutActions {
  readonly onRun: () => void;
  readonly onStop: () => void;
  readonly onSave: () => void;
  readonly onOpen: () => void;
}

interface Shortcut {
  readonly aria: string;
  readonly shown: string;
}

export interface Shortcuts {
  readonly command: string;
  readonly run: Shortcut;
  readonly stop: Shortcut;
}

export function describeShortcuts(platform: string): Shortcuts {
  const isApple = /mac|iphone|ipad/i.test(platform);
  const command = isApple ? '⌘' : 'Ctrl';
  const aria = isApple ? 'Meta' : 'Control';
  return {
    command,
    run: { aria: `${aria}+Enter`, shown: isApple ? '⌘ Enter' : 'Ctrl+Enter' },
    stop: { aria: `${aria}+Shift+Enter`, shown: isApple ? '⌘ Shift Enter' : 'Ctrl+Shift+Enter' },
  };
}

export function bindShortcuts(target: Document, actions: ShortcutActions): () => void {
  const letters: Readonly<Record<string, () => void>> = {
    s: actions.onSave,
    o: actions.onOpen,
  };
  const onKey = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const action =
      event.key === 'Enter'
        ? event.shiftKey
          ? actions.onStop
          : actions.onRun
        : event.shiftKey
          ? null
          : (letters[event.key.toLowerCase()] ?? null);
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
