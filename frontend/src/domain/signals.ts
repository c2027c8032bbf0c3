// Names of Linux signals, and what the common ones mean. Source: signal(7), x86-64 and arm64 numbers.

const names: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

const meanings: Readonly<Record<number, string>> = {
  4: 'illegal instruction',
  6: 'aborted',
  7: 'bus error',
  8: 'arithmetic error',
  11: 'segmentation fault',
  13: 'broken pipe',
  31: 'forbidden system call',
};

/** `SIGSEGV (segmentation fault)`, or `signal 40` where there is no name. */
export function describeSignal(signal: number): string {
  const name = names[signal] ?? `signal ${signal}`;
  const meaning = meanings[signal];
  return meaning ? `${name} (${meaning})` : name;
}
