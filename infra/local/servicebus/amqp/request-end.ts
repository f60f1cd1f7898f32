import type { Delivery, Receiver, Sender } from 'rhea';
import type { Journal } from '../engine/journal.ts';
import { Decoder } from './decode.ts';
import { encodeDescribed } from './encode.ts';
import type { LinkEnd } from './link-end.ts';
import { outcome } from './rhea-boundary.ts';
import { joinSections, propertyFields, type Sections, splitSections } from './sections.ts';
import { type AmqpMap, type AmqpValue, asText, nothing } from './value.ts';

const amqpValueSection = 0x77;

/** A request of the request-response pattern that `$cbs` and `$management` share. */
export interface Request {
  applicationProperties: AmqpMap;
  /** The AMQP value of the body. */
  body: AmqpValue;
}

export interface Reply {
  applicationProperties: AmqpMap;
  body: AmqpValue;
}

/** Answers requests of one link on the client's reply link, once what they changed is durable. */
export class RequestEnd implements LinkEnd {
  readonly #journal: Journal;
  readonly #answer: (request: Request) => Reply;
  readonly #findReplyLink: (replyTo: string) => Sender | undefined;

  constructor(
    link: Receiver,
    service: {
      journal: Journal;
      answer: (request: Request) => Reply;
      findReplyLink: (replyTo: string) => Sender | undefined;
    },
  ) {
    this.#journal = service.journal;
    this.#answer = service.answer;
    this.#findReplyLink = service.findReplyLink;
    link.attach();
  }

  received(message: Buffer, delivery: Delivery): void {
    const sections = splitSections(message);
    const reply = this.#answer({ ...sections, body: readBody(sections.body) });
    const replyTo = asText(sections.properties[propertyFields.replyTo]) ?? '';
    const correlationId = sections.properties[propertyFields.messageId] ?? nothing;
    this.#journal.afterCommit(() => {
      delivery.update(true, outcome(undefined));
      const link = this.#findReplyLink(replyTo);
      // A client that closed its reply link meanwhile no longer wants to know.
      if (link?.is_open() === true) link.send(encodeReply(reply, correlationId), undefined, 0);
    });
  }

  closed(): void {
    // Requests leave nothing behind.
  }
}

/** The client's end for replies: never flows, never settles anything that matters. */
export class ReplyEnd implements LinkEnd {
  readonly link: Sender;

  constructor(link: Sender) {
    this.link = link;
    link.attach();
  }

  /** Token requests name the link, management requests the address it was given. */
  isNamed(replyTo: string): boolean {
    return this.link.name === replyTo || this.link.target.address === replyTo;
  }

  closed(): void {
    // Replies under way are lost with it, as on any broken connection.
  }
}

function readBody(bytes: Buffer): AmqpValue {
  if (bytes.length === 0) return nothing;
  const section = new Decoder(bytes).read();
  return section.type === 'described' ? section.value : section;
}

function encodeReply(reply: Reply, correlationId: AmqpValue): Buffer {
  const properties: AmqpValue[] = Array.from({ length: 6 }, () => nothing);
  properties[propertyFields.correlationId] = correlationId;
  const sections: Sections = {
    header: [],
    annotations: [],
    properties,
    applicationProperties: reply.applicationProperties,
    body: encodeDescribed(amqpValueSection, reply.body),
  };
  return joinSections(sections);
}
