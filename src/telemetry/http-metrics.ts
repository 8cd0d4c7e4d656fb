// How long a service's answers take, by route, and how many are under way. By the route's pattern, never by the address that
// was asked for: a label with a value for each task would grow without end.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Gauge, Histogram, type Registry } from 'prom-client';
import { SHORT_SECONDS } from './exposition.ts';

/** Streams last as long as somebody watches, which says nothing about the service. */
const STREAM = 'text/event-stream';

interface Hooked {
  addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): unknown;
  addHook(name: 'onResponse', hook: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void): unknown;
}

export class HttpMetrics {
  private readonly duration: Histogram<'method' | 'route' | 'status'>;
  private readonly inFlight: Gauge;

  constructor(registry: Registry) {
    this.duration = new Histogram({
      name: 'muster_http_request_duration_seconds',
      help: 'Time from a request to the end of its answer, by method, route and status. Event streams are not timed.',
      labelNames: ['method', 'route', 'status'],
      buckets: SHORT_SECONDS,
      registers: [registry],
    });
    this.inFlight = new Gauge({
      name: 'muster_http_requests_in_flight',
      help: 'Requests whose answer has not ended, event streams included.',
      registers: [registry],
    });
  }

  /** Call before the routes are added: Fastify's hooks hold for what comes after them. */
  watch(app: Hooked): void {
    app.addHook('onRequest', (_request, reply, done) => {
      this.inFlight.inc();
      // Not onResponse, which a client that hangs up never brings about.
      reply.raw.once('close', () => this.inFlight.dec());
      done();
    });
    app.addHook('onResponse', (request, reply, done) => {
      if (!String(reply.getHeader('content-type')).startsWith(STREAM)) this.timed(request, reply);
      done();
    });
  }

  private timed({ method, routeOptions }: FastifyRequest, reply: FastifyReply): void {
    const route = routeOptions.url ?? 'none';
    this.duration.observe({ method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
  }
}
