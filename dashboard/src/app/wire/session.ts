import * as v from 'valibot';

const words = v.array(v.string());

/** Who is signed in; a viewer sees everything, an operator acts too. `command` is how a command line for this server begins. */
export const Who = v.object({
  name: v.string(),
  role: v.picklist(['viewer', 'operator']),
  command: v.optional(words),
});
export type Who = v.InferOutput<typeof Who>;

/** The same of who asks; nulls where nobody is signed in. */
export const Somebody = v.object({
  name: v.nullable(v.string()),
  role: v.nullable(Who.entries.role),
  command: v.optional(v.nullable(words)),
});
export type Somebody = v.InferOutput<typeof Somebody>;
