/**
 * The same port, with a gate before each of its calls: there a process may die, or the network may fail. `instead` takes the place of
 * some of its methods.
 */
export function watchedPort<Port extends object>(
  port: Port,
  gate: (method: string) => Gate,
  instead: Partial<Port> = {},
): Port {
  return new Proxy(port, {
    get(target, property) {
      const member: unknown = Reflect.get(property in instead ? instead : target, property);
      if (typeof member !== 'function' || typeof property !== 'string') return member;
      return async (...given: unknown[]): Promise<unknown> => {
        const { after } = gate(property);
        const answer: unknown = await Reflect.apply(member, target, given);
        after();
        return answer;
      };
    },
  });
}

/** Thrown from a gate, an error keeps the call from being made; thrown from `after`, the answer from arriving. */
export interface Gate {
  after: () => void;
}

export const open: Gate = { after: () => undefined };
