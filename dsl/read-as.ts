/** Checking what comes from outside against a schema, with words for what is wrong. */
import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";

const { localeError } = en();

/** What came of checking a value: what the schema makes of it, or all that is wrong with it. */
export type Read<T> =
  | { readonly data: T; readonly issues: readonly [] }
  | { readonly data?: undefined; readonly issues: readonly z.core.$ZodIssue[] };

/** The value as a schema takes it, or the issues with it, in English. */
export function readAs<T>(schema: z.ZodMiniType<T>, value: unknown): Read<T> {
  const { success, data, error } = z.safeParse(schema, value, { error: localeError });
  return success ? { data, issues: [] } : { issues: error.issues };
}
