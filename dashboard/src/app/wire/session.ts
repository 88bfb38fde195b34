import * as v from 'valibot';

/** Who is signed in; a viewer sees everything, an operator acts too. */
export const Who = v.object({ name: v.string(), role: v.picklist(['viewer', 'operator']) });
export type Who = v.InferOutput<typeof Who>;

/** The same of who asks; nulls where nobody is signed in. */
export const Somebody = v.object({ name: v.nullable(v.string()), role: v.nullable(Who.entries.role) });
export type Somebody = v.InferOutput<typeof Somebody>;
