import * as v from 'valibot';

import { count } from './parts';

/** An action that was taken on: a run of the command line, under its number. */
export const Accepted = v.object({ run_id: count, state: v.string(), command: v.array(v.string()) });

/** How a run goes; `reason` tells why one failed. */
export const Run = v.object({ run_id: count, state: v.string(), reason: v.nullable(v.string()) });
export type Run = v.InferOutput<typeof Run>;
