import * as v from 'valibot';

/** Who is signed in; a viewer sees everything, an operator acts too. */
export const Who = v.object({ name: v.string(), role: v.picklist(['viewer', 'operator']) });
export type Who = v.InferOutput<typeof Who>;
