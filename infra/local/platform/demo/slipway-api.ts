import { z } from 'zod';
import { workspaceSchema } from './workspace-view.ts';
import type { WorkspaceView } from './workspace-view.ts';

/** The app refused a request; the message holds its reason and every faulty field. */
export class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refused';
    this.status = status;
  }
}

const trailSchema = z.object({
  items: z.array(z.object({ time: z.iso.datetime(), what: z.string(), why: z.string() })),
});
export type TrailEntry = z.output<typeof trailSchema>['items'][number];

const rejectedSchema = z.object({
  items: z.array(z.object({ reason: z.string(), description: z.string() })),
});

const statusSchema = z.object({
  message: z.string(),
  details: z
    .object({ causes: z.array(z.object({ field: z.string(), message: z.string() })).default([]) })
    .prefault({}),
});

/** The HTTP API of the function app, as far as the demo uses it. */
export class SlipwayApi {
  readonly #workspaces: string;
  readonly #rejected: string;

  constructor(functionsUrl: string) {
    this.#workspaces = `${functionsUrl}/api/workspaces`;
    this.#rejected = `${functionsUrl}/api/rejected`;
  }

  /** Posts a Workspace in YAML. */
  async create(yaml: string): Promise<void> {
    await this.#accepted('POST', '', { body: yaml, headers: { 'content-type': 'application/yaml' } });
  }

  /** Undefined when there is none of that name. */
  async get(name: string): Promise<WorkspaceView | undefined> {
    const response = await fetch(`${this.#workspaces}/default/${name}`);
    if (response.status === 404) return undefined;
    if (!response.ok) throw await refusal(response);
    return workspaceSchema.parse(await response.json());
  }

  /** What happened to it, oldest first. */
  async trail(name: string): Promise<TrailEntry[]> {
    const response = await fetch(`${this.#workspaces}/default/${name}/events`);
    if (response.status === 404) return [];
    if (!response.ok) throw await refusal(response);
    return trailSchema.parse(await response.json()).items;
  }

  async delete(name: string): Promise<void> {
    await this.#accepted('DELETE', `/default/${name}`, {});
  }

  /** Messages that can never succeed, one line each. */
  async rejected(): Promise<string[]> {
    const response = await fetch(this.#rejected);
    if (!response.ok) throw await refusal(response);
    return rejectedSchema
      .parse(await response.json())
      .items.map(({ reason, description }) => `${reason}: ${description}`);
  }

  async #accepted(method: string, path: string, init: RequestInit): Promise<void> {
    const response = await fetch(`${this.#workspaces}${path}`, { ...init, method });
    if (!response.ok) throw await refusal(response);
    await response.arrayBuffer();
  }
}

async function refusal(response: Response): Promise<Refused> {
  const text = await response.text();
  const status = statusSchema.safeParse(parse(text));
  const causes =
    status.data?.details.causes.map(({ field, message }) => `\n  ${field}: ${message}`).join('') ?? '';
  return new Refused(response.status, `HTTP ${response.status}: ${status.data?.message ?? text}${causes}`);
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
