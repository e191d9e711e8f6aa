import { z } from 'zod';
import { createHttpAsk, type HttpAnswer, type HttpRequest, headerOf } from './httpGet.ts';
import { LinkError } from './link.ts';
import { FACT_TEXT, factText, OPEN_FACTS } from './openFacts.ts';
import type { Probe, ProbeContext } from './probe.ts';

/** In the facts of every service that is asked over HTTP. */
export const HTTP_API_FACTS = {
  ...OPEN_FACTS,
  /** Of the answer to the first question. */
  status: z.int().min(100).max(599),
  /** The Server header. */
  server: FACT_TEXT.optional(),
} as const;

export interface ApiAnswer {
  readonly status: number;
  /** By its name in lower case. */
  header(name: string): string | undefined;
  /** The body as UTF-8, at most 64 KiB. */
  text(): string;
  /** The body as JSON of this shape, else undefined: no JSON, another shape, or cut. */
  json<T>(shape: z.ZodType<T>): T | undefined;
  /** What {@link HTTP_API_FACTS} wants of an answer. */
  readonly seen: { readonly status: number; readonly tls: boolean; readonly server?: string };
}

/** Undefined: no HTTP, or (after the first answer) no conversation. */
export type ApiAsk = (path: string, request?: Omit<HttpRequest, 'path'>) => Promise<ApiAnswer | undefined>;

export interface HttpApi<Facts extends { readonly protocol: string }> {
  readonly protocol: Facts['protocol'];
  readonly ports: readonly number[];
  readonly schema: z.ZodType<Facts>;
  /** Two or three questions at most. Undefined: another service. */
  learn(ask: ApiAsk, port: number): Promise<Facts | undefined>;
}

/** A probe of a service with an HTTP API. What does not fit the schema is taken for another service. */
export function httpApiProbe<Facts extends { readonly protocol: string }>(api: HttpApi<Facts>): Probe<Facts> {
  const { protocol, ports, schema, learn } = api;
  return {
    protocol,
    ports,
    async run(context) {
      const facts = await learn(createApiAsk(context), context.target.port);
      return facts && schema.safeParse(facts).data;
    },
  };
}

/** What a status says about strangers; undefined for those that say nothing about it. */
export function openByStatus(status: number | undefined): boolean | undefined {
  if (status === 200) return true;
  return status === 401 || status === 403 ? false : undefined;
}

function createApiAsk(context: ProbeContext): ApiAsk {
  const ask = createHttpAsk(context);
  let answered = false;
  return async (path, request = {}) => {
    try {
      const answer = await ask({ path, ...request });
      answered ||= answer !== undefined;
      return answer && apiAnswer(answer);
    } catch (error) {
      // What was learnt before stays, unless nobody wants it any more.
      if (answered && error instanceof LinkError && error.failure !== 'aborted') return undefined;
      throw error;
    }
  };
}

function apiAnswer(answer: HttpAnswer & { readonly secure: boolean }): ApiAnswer {
  const server = headerOf(answer, 'server');
  const text = () => answer.body.toString('utf8');
  return {
    status: answer.status,
    header: (name) => headerOf(answer, name),
    text,
    json: (shape) => shape.safeParse(parsed(text())).data,
    seen: {
      status: answer.status,
      tls: answer.secure,
      ...(server === undefined ? {} : { server: factText(server) }),
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
