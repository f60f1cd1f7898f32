/** A copy of `object` that lacks `fields`. */
export function without<Subject extends object, Field extends keyof Subject>(
  object: Subject,
  ...fields: Field[]
): Omit<Subject, Field> {
  const copy = { ...object };
  for (const field of fields) Reflect.deleteProperty(copy, field);
  return copy;
}
