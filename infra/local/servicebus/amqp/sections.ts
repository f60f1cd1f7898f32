import { DecodeFault, Decoder } from './decode.ts';
import { encodeDescribed, symbolKeyed } from './encode.ts';
import type { AmqpMap, AmqpValue } from './value.ts';

/** Descriptors of the message sections (AMQP 1.0, section 3.2). */
const codes = {
  header: 0x70n,
  deliveryAnnotations: 0x71n,
  messageAnnotations: 0x72n,
  properties: 0x73n,
  applicationProperties: 0x74n,
} as const;

/** Places of the fields in the properties section. */
export const propertyFields = {
  messageId: 0,
  replyTo: 4,
  correlationId: 5,
  absoluteExpiry: 8,
  creationTime: 9,
  groupId: 10,
} as const;

/** Places of the fields in the header section. */
export const headerFields = {
  durable: 0,
  priority: 1,
  timeToLive: 2,
  firstAcquirer: 3,
  deliveryCount: 4,
} as const;

/** A message taken apart: the sections a broker reads or writes, and the body (with footer) as it came. */
export interface Sections {
  header: AmqpValue[];
  annotations: AmqpMap;
  properties: AmqpValue[];
  applicationProperties: AmqpMap;
  body: Buffer;
}

/** @throws DecodeFault when the bytes are no AMQP message. */
export function splitSections(bytes: Buffer): Sections {
  const decoder = new Decoder(bytes);
  const sections: Sections = {
    header: [],
    annotations: [],
    properties: [],
    applicationProperties: [],
    body: Buffer.alloc(0),
  };
  while (!decoder.atEnd) {
    const start = decoder.position;
    const section = decoder.read();
    const code = descriptorOf(section);
    if (code === codes.header) sections.header = items(section);
    else if (code === codes.messageAnnotations) sections.annotations = entries(section);
    else if (code === codes.properties) sections.properties = items(section);
    else if (code === codes.applicationProperties) sections.applicationProperties = entries(section);
    else if (code !== codes.deliveryAnnotations) {
      // From the first body section to the end nothing is looked at.
      sections.body = bytes.subarray(start);
      break;
    }
  }
  return sections;
}

/** Puts a message together; empty sections are left out. */
export function joinSections({
  header,
  annotations,
  properties,
  applicationProperties,
  body,
}: Sections): Buffer {
  const parts: Buffer[] = [];
  const add = (code: bigint, value: AmqpValue) => parts.push(encodeDescribed(Number(code), value));
  if (header.length > 0) add(codes.header, { type: 'list', value: header });
  if (annotations.length > 0) add(codes.messageAnnotations, { type: 'map', value: symbolKeyed(annotations) });
  if (properties.length > 0) add(codes.properties, { type: 'list', value: properties });
  if (applicationProperties.length > 0) {
    add(codes.applicationProperties, { type: 'map', value: applicationProperties });
  }
  return Buffer.concat([...parts, body]);
}

function descriptorOf(section: AmqpValue): bigint {
  if (section.type !== 'described' || section.descriptor.type !== 'ulong') {
    throw new DecodeFault(`expected a message section, found ${section.type}`);
  }
  return section.descriptor.value;
}

function items(section: AmqpValue): AmqpValue[] {
  if (section.type === 'described' && section.value.type === 'list') return section.value.value;
  throw new DecodeFault('a message section that should be a list is not one');
}

function entries(section: AmqpValue): AmqpMap {
  if (section.type === 'described' && section.value.type === 'map') return section.value.value;
  throw new DecodeFault('a message section that should be a map is not one');
}
