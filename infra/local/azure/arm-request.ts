import type { AzureContext } from './settings.ts';

/** A routed request: `parameters` are the path's `{names}`. */
export interface ArmRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  parameters: Record<string, string>;
  body: unknown;
  ifMatch: string | undefined;
  ifNoneMatch: string | undefined;
  /** Scheme, host and port by which the client reached us, for the URLs we hand out. */
  origin: string;
}

export interface ArmResponse {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Carries out one operation, in one piece: no other request runs in between. Refuses by throwing ArmError. */
export type ArmHandler = (context: AzureContext, request: ArmRequest) => ArmResponse;
