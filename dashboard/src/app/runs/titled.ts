import { commandLine } from '../show/command-line';
import { Run } from '../wire/runs';

/** What a run is: its kind, or for a command what that does. */
export function titled({ kind, command }: Pick<Run, 'kind' | 'command'>): string {
  if (kind !== 'command' || !command?.length) return kind;
  const [room = kind, verb] = command;
  return (room === 'files' ? verb : room) ?? kind;
}

/** What was asked for, as a shell takes it; null of what was started on a command line itself. */
export function line({ command }: Pick<Run, 'command'>): string | null {
  return command ? commandLine(['tradewind', ...command]) : null;
}
