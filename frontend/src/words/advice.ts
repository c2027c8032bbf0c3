// What a person can do about the end of a run, for each reason of the contract.
import type { Contract } from '../domain/run';

const again = 'Your program did not cause this. Running it again may help.';
const operator =
  'Your program did not cause this. If it happens again, tell whoever runs this installation, with the ID of the run.';
const moreIn = 'under “Options of the run”';

export const advice: Readonly<Record<Contract['Reason'] | 'unknown', string>> = {
  unknown: again,

  exited: 'The end of the output usually says why. If not, let the program print more.',
  signaled:
    'Either the program sent the signal itself, or a compiled library crashed. What was printed last tells how far it came.',
  process_limit_exceeded:
    'Let it start fewer processes and threads, for example with a smaller pool or n_jobs=1.',
  wall_time_exceeded: `Let it do less, or give it more time ${moreIn}.`,
  cpu_time_exceeded: `Let it compute less, or give it more CPU time ${moreIn}.`,
  stdin_idle_exceeded: 'Answer it sooner, or fill in “Standard input” before you run it again.',
  out_of_memory: `Let it hold less data at a time (scratch space counts too), or give it more memory ${moreIn}.`,
  cancelled: 'It was stopped before its end. Run it again whenever you like.',
  disk_limit: 'Let it write less, and only to scratch space.',

  image_unavailable: operator,
  unschedulable: `${again} It finds room sooner with less memory ${moreIn}.`,
  job_refused: operator,
  job_failed: again,
  pod_not_created: operator,
  start_timeout: again,
  container_start_failed: operator,
  node_refused: again,
  pod_disrupted: again,
  pod_evicted: again,
  pod_lost: again,
  output_lost: again,
  deadline_exceeded: operator,
  killed: again,
  runner_ended: operator,
  runner_error: operator,
  runner_silent: operator,
};
