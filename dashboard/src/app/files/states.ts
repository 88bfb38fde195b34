import { Tone } from '../show/chip';
import { State } from '../wire/files';

/** How each state looks, and what it means. */
export const SHOWN: Record<State, { readonly tone: Tone; readonly meaning: string }> = {
  discovered: { tone: 'busy', meaning: 'Registered, to be loaded.' },
  loading: { tone: 'busy', meaning: 'Being read and staged.' },
  waiting: { tone: 'busy', meaning: 'Still being written; tried again when it is due.' },
  loaded: { tone: 'good', meaning: 'Its rows are in the table.' },
  superseded: { tone: 'still', meaning: 'A newer version of it was loaded.' },
  quarantined: { tone: 'bad', meaning: 'Set aside whole: nothing of it is in the table.' },
  vanished: { tone: 'warn', meaning: 'Deleted or replaced before it was read.' },
  ignored: { tone: 'still', meaning: 'Not to be loaded.' },
  unloaded: { tone: 'still', meaning: 'Taken back.' },
};
