/** Puts settings into the process environment as `func` does: a variable that is set already wins over the file. */
export function applyAppSettings(
  { values, overrides }: { values: Record<string, string>; overrides: Record<string, string> },
  environment: NodeJS.ProcessEnv = process.env,
): void {
  for (const [name, value] of Object.entries(values)) environment[name] ??= value;
  Object.assign(environment, overrides);
  environment['FUNCTIONS_WORKER_RUNTIME'] ??= 'node';
  environment['AZURE_FUNCTIONS_ENVIRONMENT'] ??= 'Development';
}

/** Replaces every `%NAME%` by the app setting of that name. Throws when one is not set. */
export function resolveSettings(text: string, environment: NodeJS.ProcessEnv = process.env): string {
  return text.replace(/%([^%]+)%/g, (_match, name: string) => {
    const value = environment[name];
    if (value === undefined)
      throw new Error(`'%${name}%' does not resolve to a value: set the app setting ${name}.`);
    return value;
  });
}

/** The connection string that the setting `name` (or `AzureWebJobs` + name) holds. Throws with the remedy when there is none. */
export function resolveConnection(name: string, environment: NodeJS.ProcessEnv = process.env): string {
  const value = environment[name] ?? environment[`AzureWebJobs${name}`];
  if (value !== undefined && value !== '') return value;
  if (environment[`${name}__fullyQualifiedNamespace`] !== undefined) {
    throw new Error(
      `Connection '${name}' is identity-based: the embedded host needs a connection string in ${name}.`,
    );
  }
  throw new Error(
    `Service Bus connection string '${name}' is missing or empty: set the app setting ${name}.`,
  );
}

/** Whether `AzureWebJobs.<function>.Disabled` (or its `__` spelling) switches the function off. */
export function isDisabled(functionName: string, environment: NodeJS.ProcessEnv = process.env): boolean {
  const value =
    environment[`AzureWebJobs.${functionName}.Disabled`] ??
    environment[`AzureWebJobs__${functionName}__Disabled`];
  return value !== undefined && ['true', '1'].includes(value.toLowerCase());
}
