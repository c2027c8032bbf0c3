// What the page says about shares.
const day = (date: string): string =>
  new Intl.DateTimeFormat('en', { dateStyle: 'medium' }).format(new Date(date));

export const shareWords = {
  open: 'Share…',
  mine: (count: number): string => `Your shares (${count})`,
  heading: 'Share this result',
  headingMine: 'Your shares',
  explain:
    'Anybody who has the link can read the program, its input and its output, and pass the link on. It stays valid when you change or delete anything here.',
  make: 'Make a link',
  making: 'Making the link…',
  made: (expiresAt: string): string => `The link is valid until ${day(expiresAt)}.`,
  notKept: 'This browser forbids storage. Once this page is closed, the link cannot be revoked.',
  link: 'Link',
  embed: 'Code for another site',
  embedHint: 'It shows the result only on sites that the operator of this one allows.',
  copy: 'Copy',
  untitled: 'Without a title',
  madeOn: (createdAt: string, expiresAt: string): string =>
    `Made on ${day(createdAt)}, valid until ${day(expiresAt)}`,
  show: (title: string): string => `Open “${title}”`,
  revoke: 'Revoke',
  revokeOf: (title: string): string => `Revoke the link to “${title}”`,
  revoked: 'The link is revoked. Nobody can open it any more.',
  none: 'No link that was made in this browser is valid.',
  failed: 'The link was not made',
  notRevoked: 'The link was not revoked',
  unreachable: 'No answer arrived. Try again.',
  busy: 'The server is busy. Try again in a moment.',

  title: 'Shared result',
  loading: 'Loading…',
  warning:
    'A stranger may have written this program. It has not run in your browser; read it before you run it yourself.',
  program: 'Program',
  programLabel: 'The shared program',
  input: 'Standard input',
  args: 'Arguments',
  files: 'Files',
  until: (expiresAt: string): string => `This link is valid until ${day(expiresAt)}.`,
  runAgain: 'Run again',
  edit: 'Open in the editor',
  editHint: 'Your own program stays as it is.',
  inOneshot: 'Open in Oneshot',
  vanished: 'Nothing is shared here',
  vanishedDetail: 'The link is wrong or incomplete, it was revoked, or its time is over.',
  again: 'Try again',
  home: 'Write a program of your own',
  cut: 'The page could not load all of the output.',
} as const;
