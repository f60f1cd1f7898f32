/** Something an orchestration asked for that takes a task id: ids count 0, 1, 2, ... in the order things are started. */
export type Allocation = { id: number } & Request;

export type Request =
  | { kind: 'activity'; name: string; input: string }
  | {
      kind: 'subOrchestration';
      name: string;
      instanceId: string | undefined;
      version: string | null;
      input: string;
    }
  | { kind: 'timer'; fireAt: string; cancelled: boolean }
  | { kind: 'entityCall' | 'entitySignal'; entityId: string; operation: string; input: string | undefined }
  | { kind: 'unsupported'; what: string };

/** JSON text of an activity's or continueAsNew's input: the SDK has quoted strings already, all else arrives raw. */
export function quotedInput(input: unknown): string {
  return typeof input === 'string' ? input : jsonText(input);
}

/** JSON text of `value`, with `null` standing for what JSON cannot say. */
export function jsonText(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}
