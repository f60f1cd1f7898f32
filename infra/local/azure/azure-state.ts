import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DocumentTable } from './document-table.ts';
import { FaultBook, faultBookSchema } from './fault-book.ts';
import { clusterSchema, operationSchema, poolSchema } from './records.ts';
import type { ClusterRecord, OperationRecord, PoolRecord } from './records.ts';

/** All of the simulated subscription, durable in one SQLite file. */
export interface AzureState {
  clusters: DocumentTable<ClusterRecord>;
  /** Keyed by `poolKey`. */
  pools: DocumentTable<PoolRecord>;
  operations: DocumentTable<OperationRecord>;
  faults: FaultBook;
  /** Runs `change` in one transaction: a crash leaves all of it or nothing. */
  atomically<Result>(change: () => Result): Result;
  close(): void;
}

export function poolKey(cluster: string, pool: string): string {
  return `${cluster}/${pool}`.toLowerCase();
}

/** Stands for a data directory: nothing outlives the process. */
export const inMemory = ':memory:';

/** Opens (or makes) `azure.sqlite` in `dataDirectory`, or a state that is nowhere but in memory. */
export function openAzureState(dataDirectory: string): AzureState {
  if (dataDirectory !== inMemory) mkdirSync(dataDirectory, { recursive: true });
  const file = dataDirectory === inMemory ? inMemory : join(dataDirectory, 'azure.sqlite');
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  return {
    clusters: new DocumentTable(database, 'clusters', clusterSchema),
    pools: new DocumentTable(database, 'pools', poolSchema),
    operations: new DocumentTable(database, 'operations', operationSchema),
    faults: new FaultBook(new DocumentTable(database, 'faults', faultBookSchema)),
    atomically: (change) => atomically(database, change),
    close: () => database.close(),
  };
}

/** Nested calls join the outer transaction. What was written before a throw is committed too: disk and memory must agree. */
function atomically<Result>(database: DatabaseSync, change: () => Result): Result {
  if (database.isTransaction) return change();
  database.exec('BEGIN IMMEDIATE');
  try {
    return change();
  } finally {
    database.exec('COMMIT');
  }
}
