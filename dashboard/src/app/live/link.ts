import { Problem } from '../wire/problem';

/** How things stand between this page and the server. */
export type Link =
  /** Not heard anything yet. */
  | { readonly is: 'connecting' }
  /** What is shown is what is. */
  | { readonly is: 'live' }
  /** The server answers, its database does not: what is shown was true when that was lost. */
  | { readonly is: 'behind' }
  /** Connecting again; what is shown was true at `since`, in milliseconds. */
  | { readonly is: 'lost'; readonly since: number }
  /** The server does not let us in, or says what we do not understand. */
  | { readonly is: 'refused'; readonly problem: Problem };
