// What the page says of what a browser keeps: drafts, runs and files.
import { formatCount } from '../domain/format';
import { plural } from './phrases';

export const keptWords = {
  undo: 'Undo',

  runId: {
    heading: 'Run',
    copyLink: 'Copy link',
    copyId: 'Copy ID',
  },

  history: {
    open: 'History',
    heading: 'Runs in this browser',
    search: 'Search in programs and IDs',
    count: (found: number, all: number): string =>
      found === all
        ? plural(all, 'run', 'runs')
        : `${formatCount(found)} of ${plural(all, 'run', 'runs')}`,
    untitled: 'An empty program',
    runAgain: 'Run again',
    remove: 'Remove',
    removeAll: 'Remove all',
    removed: (count: number): string =>
      `Removed ${plural(count, 'run', 'runs')} from this browser.`,
    none: 'What you run in this browser is listed here.',
    noneKept: 'This browser forbids storage. What you run is listed here until you close the page.',
    noneFound: 'No run has this in its program or its ID.',
    noRoom: 'This browser has no room left, so the run is missing in its history.',
    programGone:
      'The program of this run is not in this browser any more and could not be read from the server. The editor shows your own.',
    /** As far as this browser has heard. */
    status: {
      queued: 'Not ended yet',
      starting: 'Not ended yet',
      running: 'Not ended yet',
      succeeded: 'Finished',
      failed: 'Failed',
      timed_out: 'Timed out',
      out_of_memory: 'Out of memory',
      cancelled: 'Cancelled',
      error: 'Infrastructure error',
    },
  },

  drafts: {
    heading: 'Drafts',
    open: 'Open',
    begin: 'New draft',
    rename: 'Rename',
    remove: 'Remove',
    removed: (name: string): string => `Removed ${name}.`,
    newName: (name: string): string => `New name of ${name}`,
    nameOfRun: (id: string): string => `run-${id.slice(-6)}.py`,
    copied: (name: string): string =>
      `It is open in another tab. This one goes on with a copy, ${name}.`,
    shared: (name: string): string =>
      `${name} is open in another tab too. Both show what you type.`,
    parted: (name: string): string =>
      `This draft was changed in another tab at the same time. What is here is kept as ${name}.`,
  },

  programFile: {
    open: 'Open…',
    save: 'Save',
    saved: (name: string): string => `Saved as ${name}. The draft is kept in this browser too.`,
    savedOnly: (name: string): string =>
      `Saved as ${name}. This browser forbids storage or has no room left, so the draft is gone when you close the tab.`,
    too_large: (name: string): string =>
      `${name} has more than 256 KiB, which is the most that a program may have.`,
    binary: (name: string): string => `${name} is not text, so it cannot be a program.`,
    not_utf8: (name: string): string =>
      `${name} is not in UTF-8. Save it as UTF-8 in the program that wrote it, and open it again.`,
  },
} as const;
