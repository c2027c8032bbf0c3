// Every sentence that the page shows, here and in words/, so that all of them can be reviewed and translated together.
import { shareWords } from './words/share';
import { formatBytes, formatCount, formatRoughly, formatSeconds } from './domain/format';
import { advice } from './words/advice';
import { environmentWords } from './words/environment';
import { keptWords } from './words/kept';
import { about, ordinal, plural, sentence, shorten } from './words/phrases';

export const words = {
  ...keptWords,
  title: 'Oneshot',
  tagline: 'Python in a sandbox that is used once',
  close: 'Close',
  skipToEditor: 'Skip to the editor',
  skipToOutput: 'Skip to the output',

  editor: {
    heading: 'Program',
    label: 'Python program, main.py',
    hint: 'Tab indents. To leave the editor with the keyboard, press Esc, then Tab.',
    stdinHeading: 'Standard input',
    stdinHint:
      'The text that input() and sys.stdin read. If it is empty, they get the end of file at once.',
    tools: 'Tools of the editor',
    nothingKnown: 'Nothing is known about the name at the cursor.',
  },

  examples: {
    open: 'Examples',
    heading: 'Examples',
    hint: 'An example takes the place of your program. Undo brings it back, and so does this list.',
    back: 'Back to your program',
    backAbout: 'What was here before, with its input and options.',
    loaded: 'Loaded. Undo, or the list of examples, brings your program back.',
    unavailable: 'The examples could not be loaded.',
    list: {
      describe: ['Describe a table', 'pandas: statistics of columns, and of groups of rows'],
      groupby: ['Group and pivot', 'pandas: sums for each city, and a table of two keys'],
      merge: ['Join two tables', 'pandas: an outer join that shows rows without a partner'],
      timeseries: ['A time series', 'pandas: monthly means, a moving average, the largest jump'],
      fit: ['Fit a curve', 'scipy: parameters and their errors from noisy measurements'],
      optimise: ['Optimise', 'scipy: a linear program, and the bottom of a valley'],
      spectrum: ['Find the tones of a signal', 'scipy: a Fourier transform and its peaks'],
      ttest: ['Test whether groups differ', 'scipy: a t-test, a confidence interval, a rank test'],
      figure: ['Draw a figure', 'matplotlib: curves, shown in the output'],
      greeting: ['Read input', 'Python: input() reads the field below the program'],
    },
  },

  codeSize: {
    smaller: { sign: 'A−', label: 'A− Smaller text' },
    larger: { sign: 'A+', label: 'A+ Larger text' },
    now: (size: number): string => `Text at ${formatCount(size * 100)} %.`,
  },

  format: {
    action: 'Format',
    title: (keys: string): string => `Format the program (${keys})`,
    loading: 'Loading the formatter…',
    formatted: 'Formatted. Undo takes it back.',
    unchanged: 'The program is formatted already.',
    invalid: 'Not formatted, because the program is not valid Python.',
    unavailable: 'The formatter could not be loaded. The program is as it was.',
  },

  problems: {
    invalid: 'This is not valid Python.',
    unclosed: (bracket: string): string => `“${bracket}” is never closed.`,
    unopened: (bracket: string): string => `“${bracket}” closes nothing.`,
    colonMissing: 'A “:” is missing here.',
    blockMissing: 'An indented block is missing here.',
    count: (count: number): string => plural(count, 'problem', 'problems'),
    at: (line: number, message: string): string => `Line ${formatCount(line)}: ${message}`,
    next: 'Next problem',
  },

  options: {
    heading: 'Options of the run',
    args: 'Arguments',
    argsHint: 'sys.argv[1:], as in a shell: words, with quotes around those that have spaces.',
    limits: {
      wall_seconds: 'Time, s',
      cpu_seconds: 'CPU time, s',
      memory_mib: 'Memory, MiB',
      output_bytes: 'Output, KiB',
      scratch_mib: 'Scratch space, MiB',
    },
    outputs: 'Files that come back',
    outputsHint:
      'Of what the program writes, with scratch space: names or patterns, such as *.csv, with commas or spaces between them. Nothing here stands for everything. What is written into the folder os.environ["ONESHOT_OUTPUT"] comes back in any case.',
    most: (value: number): string => `At most ${formatCount(value)}.`,
    wrong: (detail: string): string => about('It', detail),
    used: {
      wall_seconds: (value: number): string => formatSeconds(value),
      cpu_seconds: (value: number): string => `${formatSeconds(value)} of CPU time`,
      memory_mib: (value: number): string => `${formatCount(value)} MiB of memory`,
      output_bytes: (value: number): string => `${formatBytes(value)} of output`,
      scratch_mib: (value: number): string => `${formatCount(value)} MiB of scratch space`,
    },
    usedAll: (options: string): string => `Options of this run: ${options}.`,
  },

  files: {
    heading: 'Files',
    count: (count: number, bytes: number): string =>
      `Files: ${formatCount(count)}, ${formatBytes(bytes)}`,
    add: 'Add files…',
    most: (count: number, bytes: number): string =>
      `Or drop them here. At most ${formatCount(count)} with ${formatBytes(bytes)} together. The program finds them beside main.py.`,
    module: (path: string): string => `import ${path.replace(/\.py$/, '')}`,
    remove: (path: string): string => `Remove ${path}`,
    removeShort: 'Remove',
    removed: (path: string): string => `${path} was removed.`,
    added: (count: number): string =>
      count === 1 ? 'A file was added.' : `${count} files were added.`,
    preview: (path: string): string => `The beginning of ${path}`,
    noText: 'This file is not text.',
    cut: 'Only the beginning is shown.',
    tooMany: (count: number): string => `A run may bring at most ${formatCount(count)} files.`,
    tooLarge: (bytes: number): string =>
      `The files of a run may have at most ${formatBytes(bytes)} together.`,
    unreadable: 'The browser could not read this. Folders cannot be added.',
    wrong: (path: string | null, detail: string): string =>
      about(path === null ? 'The list of files' : `The path “${path}”`, detail),
  },

  outputFiles: {
    heading: 'Files of the program',
    save: 'Save',
    saveNamed: (path: string): string => `Save ${path}`,
    dropped: (count: number): string =>
      `${plural(count, 'file', 'files')} did not come back: too many, too large together, or with a name that cannot be told.`,
  },

  prompt: {
    label: 'Input',
    send: 'Send',
    end: 'End of input',
    endHint: 'Tells the program that nothing follows (Ctrl-D)',
    waits: 'The program waits for input.',
    notSent: 'The input could not be sent. Try again.',
  },

  run: 'Run',
  stop: 'Stop',
  alreadyRunning: 'Still running. Stop the run first.',
  nothingToStop: 'Nothing is running.',
  savedUntilClose:
    'This browser forbids storage or has no room left. The program is kept until you close the tab.',

  status: {
    ready: 'Ready',
    starting: 'Starting…',
    queued: 'Queued',
    queuedAt: (position: number, startsInMs: number | null): string =>
      `Queued, number ${formatCount(position)} in line` +
      (startsInMs === null ? '' : `, starts in about ${formatRoughly(startsInMs)}`),
    running: 'Running',
    loading: 'Loading the run…',
    stopping: 'Stopping…',
    reconnecting: 'Connection lost. Reconnecting; no output will be lost.',
    busy: (seconds: number): string => `Server busy. Trying again in ${seconds} s.`,
    unanswered: (seconds: number): string => `No answer. Trying again in ${seconds} s.`,
    refused: 'Not accepted',
    unconfirmed: 'Not confirmed',
    lost: 'Result unknown',
    unreachable: 'No connection',
    linesSoFar: (lines: number): string =>
      `Still running, ${plural(lines, 'line', 'lines')} of output so far.`,
    linesInAll: (lines: number): string =>
      lines === 0 ? 'No output.' : `${plural(lines, 'line', 'lines')} of output.`,
  },

  facts: {
    elapsed: 'Elapsed',
    cpu: 'CPU',
    memory: 'Peak memory',
    waited: 'Waited',
    of: (value: string, limit: string): string => `${value} of ${limit}`,
  },

  // `outcome` and `infrastructure` have a key for each reason in docs/operations.md.
  outcome: {
    exited: (code: number): string =>
      code === 0 ? 'Finished, exit code 0' : `Failed, exit code ${code}`,
    signaled: (signal: string): string => `Killed by ${signal}`,
    process_limit_exceeded: 'Killed: too many processes',
    disk_limit: 'Failed: too much disk space used',
    failed: 'Failed',
    wall_time_exceeded: (limit: string | null): string =>
      limit ? `Timed out after ${limit}` : 'Timed out',
    stdin_idle_exceeded: 'Waited too long for input',
    cpu_time_exceeded: (limit: string | null): string =>
      limit ? `Used up its ${limit} of CPU time` : 'Used up its CPU time',
    out_of_memory: (limit: string | null): string =>
      limit ? `Out of memory at ${limit}` : 'Out of memory',
    cancelled: 'Cancelled',
    cancelledBeforeStart: 'Cancelled before it started',
    infrastructure: 'Infrastructure error',
    attempts: (count: number): string => `Given up after ${plural(count, 'attempt', 'attempts')}.`,
    message: sentence,
  },

  advice,

  // Parts of sentences, which stand alone or after a colon.
  infrastructure: {
    image_unavailable: 'the Python image could not be fetched',
    unschedulable: 'no machine had room for the run',
    job_refused: 'Kubernetes did not accept the Job of the run',
    job_failed: 'the Job of the run failed before the program ended',
    pod_not_created: 'Kubernetes did not create a pod for the run',
    start_timeout: 'the sandbox did not start in time',
    container_start_failed: 'the sandbox could not be started',
    node_refused: 'the machine that was chosen for the run refused it',
    pod_disrupted:
      'the sandbox was told to stop, for example because its machine is being maintained',
    pod_evicted: 'the machine that ran the program was short of memory or disk space',
    pod_lost: 'the machine that ran the program was lost',
    output_lost: 'the database lost a part of the output that it had stored',
    deadline_exceeded: 'the run took longer than any run may take',
    killed: 'the sandbox was killed, but not because of a limit of the run',
    runner_ended: 'the runner inside the sandbox ended unexpectedly',
    runner_error: 'the runner inside the sandbox failed',
    runner_silent: 'the runner inside the sandbox stopped responding',
  } as Readonly<Record<string, string>>,

  interruptions: {
    started: (times: number): string =>
      `The program was started ${times === 1 ? 'once' : `${formatCount(times)} times`}.`,
    /** The cause is a part of a sentence. */
    interrupted: (start: number, cause: string, node: string | null): string =>
      `The ${ordinal(start)} start was interrupted: ${shorten(cause)}${node === null ? '' : ` (${node})`}.`,
    earlier: (count: number): string =>
      `${plural(count, 'earlier start was', 'earlier starts were')} interrupted too.`,
    again: 'It will be started again.',
  },

  output: {
    heading: 'Output',
    label: 'Program output',
    empty: 'The output of the program appears here while it runs.',
    none: 'The program ended without printing anything.',
    noneStopped: 'Nothing was printed.',
    cleared: 'The output was cleared.',
    wrap: 'Wrap lines',
    copy: 'Copy all',
    save: (stream: string, isOneOfTwo: boolean): string =>
      isOneOfTwo ? `Save ${stream}` : 'Save output',
    clear: 'Clear',
    jump: 'Jump to the end',
    goToLine: (line: number): string => `Go to line ${line} in the editor`,
    droppedHere: (bytes: number, stream: string): string =>
      `${formatBytes(bytes)} of ${stream} left out here`,
    restarted: (attempt: number): string =>
      attempt > 0
        ? `The run was started again (attempt ${attempt}).`
        : 'The run was started again.',
    truncated: (produced: number, dropped: number): string =>
      `Too much output: ${formatBytes(dropped)} of ${formatBytes(produced)} were left out in the middle.`,
    unreadable: (reason: string): string =>
      `A message from the server could not be read; output may be missing here. (${reason})`,
    incomplete:
      'The end of the output may be missing. It was lost with the machine that ran the program.',
    hiddenRows: (hidden: number, shown: number): string =>
      `The page shows the last ${plural(shown, 'line', 'lines')}; ${plural(hidden, 'earlier line is', 'earlier lines are')} not shown.`,
    rawText: 'Raw output:',
    stale:
      'The program was changed since this run. The links lead to the lines that were run, wherever they are now.',
    scratchHint:
      'Nothing is writable in this sandbox, unless a run asks for scratch space. What it writes then comes back.',
    withScratch: 'Run again with scratch space',
    inputHint:
      'The program asked for more input than it was given. Fill in “Standard input” and run the program again.',
  },

  environment: environmentWords,

  theme: { label: 'Theme', system: 'System', light: 'Light', dark: 'Dark' },

  splitter: {
    label: 'Room for the program',
    title: 'Drag, or press the arrow keys, to change the room; double-click to reset it',
    share: (percent: number): string => `${percent} %`,
  },

  find: {
    open: 'Find',
    label: 'Find in the output',
    previous: 'Previous',
    next: 'Next',
    /** `at` is 0 where none is chosen. */
    count: (at: number, count: number, most: number): string => {
      if (count === 0) return 'Not found';
      const all = `${count < most ? '' : 'over '}${formatCount(count)}`;
      return at > 0 ? `${formatCount(at)} of ${all}` : plural(count, 'match', 'matches');
    },
  },

  display: {
    enlarge: 'Enlarge',
    save: 'Save',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'This browser does not let the page copy.',
    saveCsv: 'Save as CSV',
    copyCsv: 'Copy as CSV',
    loading: 'Loading the table…',
    failed: 'It could not be loaded.',
    again: 'Try again',
    noAlt: 'A figure',
    sort: 'Sort by this column',
    /** The empty name of an index. */
    index: 'index',
    missing: 'missing value',
    dropped: (count: number): string =>
      `${plural(count, 'figure or table is', 'figures or tables are')} not shown. The warnings of the program say why.`,
    shape: (rows: number, columns: number): string =>
      `${plural(rows, 'row', 'rows')} × ${plural(columns, 'column', 'columns')}`,
    shownPart: (rows: number, columns: number): string =>
      `the first ${plural(rows, 'row', 'rows')} and ${plural(columns, 'column', 'columns')} are shown`,
  },

  problem: {
    ofProgram: (detail: string): string => about('The program', detail),
    ofInput: (detail: string): string => about('The standard input', detail),
    busyHeading: 'The server is busy',
    busyGivenUp:
      'The server refused the run several times. Your program is kept in this browser. Try again in a moment.',
    unreachableHeading: 'The server cannot be reached',
    unreachable: 'No answer arrived. Your program is kept in this browser.',
    offline: 'This device seems to be offline. Your program is kept in this browser.',
    mayBeRunning:
      'The program may or may not be running. If it is not among the newest runs, press Run to submit it again.',
    newestRuns: 'Show the newest runs',
    unreadableHeading: 'The page cannot read the server’s answer',
    unreadable: (reason: string): string =>
      `The page and the server may be of different versions. Reload the page. (${reason})`,
    tooLarge: 'The program and its input are larger than the server accepts.',
    unexpected: (status: number): string =>
      `The server answered with the unexpected status ${status}.`,
    vanished: 'The server no longer knows this run. It may have been deleted.',
    unknownRun: 'The server does not have this run',
    vanishedHere:
      'Runs are deleted after a time. The program of this one was kept in this browser and is in the editor. Run it again for a new result.',
    vanishedElsewhere:
      'The link may be incomplete, or the run was deleted, as all runs are after a time. Your own program is as it was.',
    runUnreachable: 'The run could not be loaded. Reload the page to try again.',
    stopFailed: 'The server did not confirm the stop. Press Stop again.',
    requestId: (id: string): string => `Request ${id}`,
  },

  share: shareWords,

  help: {
    open: 'Keyboard help',
    heading: 'Keyboard shortcuts',
    keys: (command: string): readonly (readonly [string, string])[] => [
      [`${command}+Enter`, 'Run the program'],
      [`${command}+Shift+Enter`, 'Stop the run'],
      [`${command}+S`, 'Save the program as a file (this browser keeps it as you type)'],
      [`${command}+O`, 'Open a program from a file'],
      ['Esc, then Tab', 'Leave the editor'],
      [`${command}+/`, 'Comment or uncomment lines'],
      ['Shift+Alt+F', 'Format the program'],
      [`${command}+F`, 'Find in the program, or in the output if that has the focus'],
      [`${command}+Alt+G`, 'Go to a line'],
      [`${command}+Space`, 'Complete a name'],
      [`${command}+K ${command}+I`, 'Tell what the name at the cursor is'],
      ['F8', 'Go to the next problem in the program'],
    ],
  },
} as const;
