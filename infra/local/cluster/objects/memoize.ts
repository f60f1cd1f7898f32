/** Remembers the result for each object; sound because stored objects are frozen. */
export function memoize<Subject extends object, Result>(
  read: (subject: Subject) => Result,
): (subject: Subject) => Result {
  const known = new WeakMap<Subject, { result: Result }>();
  return (subject) => {
    const hit = known.get(subject);
    if (hit) return hit.result;
    const result = read(subject);
    known.set(subject, { result });
    return result;
  };
}
