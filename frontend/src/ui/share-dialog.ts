// The dialog in which a link is made, copied and revoked.
import type { Run } from '../domain/run';
import { embedCode, shareLink, type OwnShare, type Sharing } from '../domain/share';
import { words } from '../words';
import { closeButton, createFrame, showOnce } from './dialog';
import { copyButton, el, setOptionalText, setText } from './dom';
import './share-dialog.css';

interface Shared {
  readonly run: Run;
  readonly title: string;
}

export function openShareDialog(
  shared: Shared | null,
  options: Sharing,
  onChange: () => void,
): void {
  const said = el('p', { class: 'share-said', role: 'status', tabindex: '-1' });
  const trouble = el('p', { class: 'share-trouble', role: 'alert', hidden: true });
  const list = el('ul', { class: 'share-list' });
  const none = el('p', { class: 'hint' }, words.share.none);
  const tell = (text: string, wrong: string | null = null) => {
    setText(said, text);
    setOptionalText(trouble, wrong);
  };
  const drawList = () => {
    const shares = options.list();
    none.hidden = shares.length > 0;
    list.replaceChildren(...shares.map((share) => drawShare(share, () => void revoke(share))));
    onChange();
  };
  const revoke = async (share: OwnShare) => {
    const outcome = await options.revoke(share);
    if ('trouble' in outcome) {
      tell('', `${words.share.notRevoked}. ${outcome.trouble}`);
      return;
    }
    made?.forget(share.id);
    drawList();
    tell(words.share.revoked);
    // Its button is gone.
    said.focus();
  };
  const made = shared && mountMaker(shared, options, tell, drawList);
  drawList();
  const close = closeButton();
  const dialog = createFrame(
    { class: 'share-dialog', 'aria-labelledby': 'share-heading' },
    close,
    el('h2', { id: 'share-heading' }, shared ? words.share.heading : words.share.headingMine),
    made?.root ?? null,
    said,
    trouble,
    shared ? el('h3', {}, words.share.headingMine) : null,
    list,
    none,
    el('p', { class: 'tools' }, close),
  );
  showOnce(dialog);
}

interface Maker {
  readonly root: HTMLElement;
  /** The link is no more. */
  forget(id: string): void;
}

function mountMaker(
  { run, title }: Shared,
  options: Sharing,
  tell: (text: string, wrong?: string | null) => void,
  onMade: () => void,
): Maker {
  const make = el('button', { type: 'button', class: 'tool' }, words.share.make);
  const result = el('div', { class: 'share-made' });
  const root = el('div', {}, el('p', {}, words.share.explain), make, result);
  let shown: string | null = null;
  let isMaking = false;
  const create = async () => {
    if (isMaking) return;
    isMaking = true;
    tell(words.share.making);
    const outcome = await options.create(run.id);
    isMaking = false;
    if ('trouble' in outcome) {
      tell('', `${words.share.failed}. ${outcome.trouble}`);
      return;
    }
    const share = { ...outcome.value, title };
    const isKept = options.add(share);
    shown = share.id;
    const link = field(words.share.link, shareLink(location.origin, share.id));
    const embed = field(words.share.embed, embedCode(location.origin, share.id, words.share.title));
    result.replaceChildren(link, embed, el('p', { class: 'hint' }, words.share.embedHint));
    onMade();
    const valid = words.share.made(share.expiresAt);
    tell(isKept ? valid : `${valid} ${words.share.notKept}`);
    link.querySelector('input')?.select();
  };
  make.addEventListener('click', () => void create());
  return {
    root,
    forget(id) {
      if (id === shown) result.replaceChildren();
    },
  };
}

function field(label: string, value: string): HTMLElement {
  const input = el('input', {
    class: 'field',
    type: 'text',
    readonly: true,
    value,
    'aria-label': label,
  });
  input.addEventListener('focus', () => {
    input.select();
  });
  const copy = copyButton(words.share.copy, () => navigator.clipboard.writeText(value));
  return el(
    'div',
    { class: 'share-field' },
    el('span', { 'aria-hidden': 'true' }, label),
    input,
    copy,
  );
}

function drawShare(share: OwnShare, onRevoke: () => void): HTMLElement {
  const href = shareLink(location.origin, share.id);
  const link = el(
    'a',
    { href, target: '_blank', rel: 'noopener', 'aria-label': words.share.show(share.title) },
    share.title,
  );
  const revoke = el(
    'button',
    { type: 'button', class: 'tool', 'aria-label': words.share.revokeOf(share.title) },
    words.share.revoke,
  );
  revoke.addEventListener('click', onRevoke);
  const dates = words.share.madeOn(share.createdAt, share.expiresAt);
  return el('li', {}, el('span', {}, link, el('span', { class: 'hint' }, dates)), revoke);
}
