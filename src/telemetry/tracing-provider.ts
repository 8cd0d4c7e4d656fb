// Sends spans to an OpenTelemetry collector over OTLP/HTTP. The only file that needs the SDK, which takes its time and memory
// to load: it is imported when an endpoint is set, and only then.
import { setTimeout as pause } from 'node:timers/promises';
import { propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

export interface TracingOptions {
  /** The collector, such as `http://localhost:4318`. */
  endpoint: string;
  /** Which service the spans are of. */
  serviceName: string;
}

/** How long the last spans may take to arrive when the process stops. */
const LAST_SPANS_MS = 2_000;

/** Returns what sends the spans that wait, and ends it. */
export function startTracing({ endpoint, serviceName }: TracingOptions): () => Promise<void> {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return async () => {
    trace.disable();
    propagation.disable();
    // A collector that is away must not keep the process from stopping, nor make it fail.
    const sent = provider.shutdown().catch(() => undefined);
    await Promise.race([sent, pause(LAST_SPANS_MS, undefined, { ref: false })]);
  };
}
