import { z } from 'zod';

const condition = z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() });

/** The part of a Workspace that the demo shows. */
export const workspaceSchema = z.object({
  metadata: z.object({ name: z.string(), creationTimestamp: z.iso.datetime() }),
  resource: z.object({ instanceType: z.string().default('') }),
  status: z
    .object({
      state: z.string().default(''),
      conditions: z.array(condition).default([]),
      slipway: z
        .object({
          phase: z.string(),
          waitingFor: z.object({ what: z.string(), since: z.iso.datetime() }).nullable().default(null),
          failure: z
            .object({ code: z.string(), message: z.string(), remedy: z.string().optional() })
            .nullable()
            .default(null),
        })
        .optional(),
    })
    .prefault({}),
});
export type WorkspaceView = z.output<typeof workspaceSchema>;

/** Status of one condition as kubectl shows it; empty when nobody has set it. */
export function conditionStatus(workspace: WorkspaceView, type: string): string {
  return workspace.status.conditions.find((each) => each.type === type)?.status ?? '';
}

export function isReady(workspace: WorkspaceView): boolean {
  return conditionStatus(workspace, 'WorkspaceSucceeded') === 'True';
}

/** Why it failed and what to do, when it failed. */
export function failureOf(workspace: WorkspaceView): string | undefined {
  const { slipway } = workspace.status;
  if (slipway?.phase !== 'Failed') return undefined;
  const { code = 'Unknown', message = 'no reason given', remedy } = slipway.failure ?? {};
  return `${workspace.metadata.name} failed: ${code}: ${message}${remedy === undefined ? '' : `\nWhat to do: ${remedy}`}`;
}
