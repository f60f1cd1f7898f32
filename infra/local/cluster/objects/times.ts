/** Epoch milliseconds as Kubernetes writes times: RFC 3339, whole seconds. */
export function kubernetesTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** A Kubernetes time in epoch milliseconds; `fallback` for an absent one. */
export function timeOf(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : Date.parse(text);
}
