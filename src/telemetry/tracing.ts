// Spans, through OpenTelemetry's API alone: without a provider (tracing-provider.ts) every call here does nothing, and no
// trace is ever stored or passed on. Parents are named explicitly, as W3C `traceparent` texts, since an attempt is
// dispatched by another process, minutes after its task was submitted.
import { propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

export interface SpanOptions {
  /** The span that this one belongs to, as a `traceparent`; without one it begins a trace. */
  parent?: string | null | undefined;
  /** Default: internal. */
  kind?: 'server' | 'client' | 'consumer';
  attributes?: Readonly<Record<string, string | number | boolean>>;
}

export interface OpenSpan {
  /** For those that belong to it; null while nothing is traced. */
  readonly traceparent: string | null;
  describe(attributes: Readonly<Record<string, string | number | boolean>>): void;
  /** With what went wrong, if something did. */
  end(error?: unknown): void;
}

export function openSpan(name: string, { parent, kind, attributes = {} }: SpanOptions): OpenSpan {
  const context = parent ? propagation.extract(ROOT_CONTEXT, { traceparent: parent }) : ROOT_CONTEXT;
  const span = trace.getTracer('muster').startSpan(name, { kind: KINDS[kind ?? 'internal'], attributes }, context);
  return {
    traceparent: traceparentOf(span),
    describe: (more) => void span.setAttributes(more),
    end(error) {
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      span.end();
    },
  };
}

/** The span ends with the work, as an error when that rejects. */
export async function inSpan<T>(name: string, options: SpanOptions, work: (span: OpenSpan) => Promise<T>): Promise<T> {
  const span = openSpan(name, options);
  try {
    const result = await work(span);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/** For what is only of interest inside a trace that has begun: without a parent there is no span. */
export async function inSpanOf<T>(
  name: string,
  options: SpanOptions,
  work: (span: OpenSpan) => Promise<T>,
): Promise<T> {
  return options.parent ? inSpan(name, options, work) : work(NO_SPAN);
}

const NO_SPAN: OpenSpan = { traceparent: null, describe: () => undefined, end: () => undefined };

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};

function traceparentOf(span: Span): string | null {
  const carrier: { traceparent?: string } = {};
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
  return carrier.traceparent ?? null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
