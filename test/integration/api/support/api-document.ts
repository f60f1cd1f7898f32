/** The document that the API is held to, read as its readers do. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const reference = z.object({ $ref: z.string() });
const schema = z.record(z.string(), z.unknown());
/** Narrowed only as far as the type says; `fromJSONSchema` refuses keywords that it does not know. */
const jsonSchema = z.custom<z.core.JSONSchema.JSONSchema>((value) => schema.safeParse(value).success);
const response = z.object({
  headers: z.record(z.string(), z.looseObject({ required: z.boolean().optional() })).optional(),
  content: z.record(z.string(), z.object({ schema })),
});
const parameter = z.object({ name: z.string(), in: z.enum(['path', 'query']), schema });
const operation = z.object({
  operationId: z.string(),
  security: z.array(z.unknown()).optional(),
  parameters: z.array(z.union([parameter, reference])).default([]),
  requestBody: reference.optional(),
  responses: z.record(z.string(), z.union([response, reference])),
});
const pathItem = z.object({
  parameters: z.array(z.union([parameter, reference])).default([]),
  get: operation.optional(),
  put: operation.optional(),
  post: operation.optional(),
  delete: operation.optional(),
});
type DocumentedOperation = z.output<typeof operation>;
type Response = z.output<typeof response>;
const apiDocument = z.looseObject({
  paths: z.record(z.string(), pathItem),
  components: z.object({
    schemas: z.record(z.string(), schema),
    responses: z.record(z.string(), response),
    parameters: z.record(z.string(), parameter),
  }),
});

/** One method of one path. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  /** Whether it needs a key. */
  secured: boolean;
  /** Documented status codes, without `default`. */
  statuses: number[];
  parameters: { name: string; in: string }[];
  /** Answers by status. */
  responses: ReadonlyMap<string, Response>;
}

/** What came back, as far as the document says anything about it. */
export interface Answer {
  status: number;
  headers: Headers;
  json: unknown;
}

export class ApiDocument {
  readonly operations: Operation[];
  readonly #document: z.output<typeof apiDocument>;
  readonly #definitions: Record<string, unknown>;

  private constructor(document: z.output<typeof apiDocument>) {
    this.#document = document;
    this.#definitions = z.record(z.string(), z.unknown()).parse(localised(document.components.schemas));
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      (['get', 'put', 'post', 'delete'] as const).flatMap((method) => {
        const found = item[method];
        return found === undefined ? [] : [this.#toOperation(path, method, found, item.parameters)];
      }),
    );
  }

  static read(): ApiDocument {
    const text = readFileSync(new URL('../../../../openapi.yaml', import.meta.url), 'utf8');
    return new ApiDocument(apiDocument.parse(parse(text)));
  }

  find(operationId: string): Operation {
    const found = this.operations.find(({ id }) => id === operationId);
    assert.ok(found, `the document has no operation ${operationId}`);
    return found;
  }

  /** Fails unless the status is documented and media type, headers and body are as the document says. */
  check(operationId: string, { status, headers, json }: Answer): void {
    const told = this.find(operationId).responses.get(String(status));
    const where = `${operationId} ${status}`;
    assert.ok(told, `${where} is not documented: ${JSON.stringify(json)}`);
    const mediaType = headers.get('content-type')?.split(';')[0] ?? '';
    const content = told.content[mediaType];
    assert.ok(content, `${where} came as ${mediaType}, which is not documented`);
    for (const [name, { required }] of Object.entries(told.headers ?? {})) {
      if (required === true) assert.ok(headers.get(name), `${where} lacks the header ${name}`);
    }
    this.#checkBody(where, content.schema, json);
  }

  /** Fails unless `value` is as the named schema says. */
  checkSchema(name: string, value: unknown): void {
    this.#checkBody(name, { $ref: `#/components/schemas/${name}` }, value);
  }

  #checkBody(where: string, wanted: Record<string, unknown>, value: unknown): void {
    const whole = jsonSchema.parse({ ...schema.parse(localised(wanted)), $defs: this.#definitions });
    const fitting = z.fromJSONSchema(whole);
    const { error } = fitting.safeParse(value);
    assert.equal(
      error,
      undefined,
      error && `${where}: ${z.prettifyError(error)} in ${JSON.stringify(value)}`,
    );
  }

  #toOperation(
    path: string,
    method: string,
    found: DocumentedOperation,
    shared: DocumentedOperation['parameters'],
  ): Operation {
    const { responses, parameters } = this.#document.components;
    return {
      id: found.operationId,
      method: method.toUpperCase(),
      path,
      secured: found.security === undefined,
      statuses: Object.keys(found.responses)
        .filter((status) => status !== 'default')
        .map(Number),
      parameters: [...shared, ...found.parameters].map((given) =>
        '$ref' in given ? named(parameters, given.$ref) : given,
      ),
      responses: new Map(
        Object.entries(found.responses).map(([status, given]) => [
          status,
          '$ref' in given ? named(responses, given.$ref) : given,
        ]),
      ),
    };
  }
}

/** What a pointer such as `#/components/responses/Accepted` means. */
function named<T>(components: Record<string, T>, pointer: string): T {
  const found = components[pointer.slice(pointer.lastIndexOf('/') + 1)];
  assert.ok(found, `${pointer} leads nowhere`);
  return found;
}

/** JSON Schema of its own: references into `$defs` instead of into the document. */
function localised(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('#/components/schemas/', '#/$defs/'));
}
