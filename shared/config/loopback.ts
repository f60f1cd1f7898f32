const loopbackNames: ReadonlySet<string> = new Set(['localhost', '[::1]', '::1']);

/** Whether a host name (no port) can only mean this machine. Development shortcuts are allowed there and nowhere else. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return loopbackNames.has(name) || name.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(name);
}

/** The host of a URL, or undefined when it is none. */
export function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
