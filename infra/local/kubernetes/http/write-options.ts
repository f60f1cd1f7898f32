import { badRequest } from '../status.ts';
import type { WriteOptions } from '../writes/machinery.ts';
import type { Exchange } from './exchange.ts';

/** `dryRun`, `fieldManager` and `fieldValidation` of a write. Without a manager the User-Agent names one. */
export function writeOptions(exchange: Exchange): WriteOptions {
  const { query, warnings } = exchange;
  const fieldValidation = query.get('fieldValidation') ?? 'Warn';
  if (fieldValidation !== 'Ignore' && fieldValidation !== 'Warn' && fieldValidation !== 'Strict') {
    throw badRequest(
      `fieldValidation: Unsupported value: ${JSON.stringify(fieldValidation)}: supported values: "Ignore", "Strict", "Warn"`,
    );
  }
  return { manager: managerOf(exchange), dryRun: isDryRun(query), fieldValidation, warnings };
}

export function isDryRun(query: URLSearchParams): boolean {
  const stages = query.getAll('dryRun').filter((stage) => stage !== '');
  if (stages.some((stage) => stage !== 'All'))
    throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(stages[0])}: supported values: "All"`);
  return stages.length > 0;
}

/** The longest manager name managedFields take. */
const longestManager = 128;

function managerOf({ query, request }: Exchange): string {
  const given = query.get('fieldManager');
  if (given !== null && given !== '') return given.slice(0, longestManager);
  const agent = request.headers['user-agent']?.split('/')[0]?.trim() ?? '';
  return agent === '' ? 'unknown' : agent.slice(0, longestManager);
}
