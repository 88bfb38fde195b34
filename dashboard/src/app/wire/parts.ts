import * as v from 'valibot';

/** How many; counts go past 2³¹ but not past what a double holds exactly. */
export const count = v.pipe(v.number(), v.safeInteger());
/** A moment in UTC, as ISO 8601. */
export const moment = v.pipe(v.string(), v.isoTimestamp());
export const day = v.pipe(v.string(), v.isoDate());

/** Raises `ValiError` for what does not follow the schema; what the schema does not name is dropped. */
export function reader<S extends v.GenericSchema>(schema: S): (raw: unknown) => v.InferOutput<S> {
  return (raw) => v.parse(schema, raw);
}
