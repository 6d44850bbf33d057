import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('names have one form, and registries are apart', async () => {
  const metrics = createMetrics();
  createMetrics();
  metrics
    .counter({ subsystem: 'tunnel', what: 'requests', help: 'Requests.', labels: ['result'] })
    .inc({ result: 'ok' });
  metrics.gauge({ subsystem: 'tunnel', what: 'sessions', help: 'Sessions.' }).set(3);
  metrics.gauge({ subsystem: 'tunnel', what: 'buffer', unit: 'bytes', help: 'Buffered.' }).set(5);
  metrics.seconds({ subsystem: 'tunnel', what: 'request', help: 'Time.', buckets: [1] }).observe(0.5);
  const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith('fleet_tunnel'));
  expect(lines).toEqual([
    'fleet_tunnel_requests_total{result="ok"} 1',
    'fleet_tunnel_sessions 3',
    'fleet_tunnel_buffer_bytes 5',
    'fleet_tunnel_request_seconds_bucket{le="1"} 1',
    'fleet_tunnel_request_seconds_bucket{le="+Inf"} 1',
    'fleet_tunnel_request_seconds_sum 0.5',
    'fleet_tunnel_request_seconds_count 1',
  ]);
});

test('names out of form or taken are refused', () => {
  const metrics = createMetrics({ prefix: 'other' });
  expect(() => metrics.counter({ subsystem: 'A', what: 'b', help: 'x' })).toThrow(
    '"other_A_b_total" is no metric name',
  );
  metrics.gauge({ subsystem: 'a', what: 'b', help: 'x' });
  expect(() => metrics.gauge({ subsystem: 'a', what: 'b', help: 'y' })).toThrow();
});

test('what starts again finds the metric that it made before', async () => {
  const metrics = createMetrics();
  const description = { subsystem: 'a', what: 'b', help: 'x' };
  metrics.counter(description).inc();
  metrics.counter(description).inc();
  expect(await metrics.text()).toContain('fleet_a_b_total 2');
});

test('metrics of the process are there when asked for', async () => {
  expect(await createMetrics().text()).not.toContain('process_cpu');
  expect(await createMetrics({ process: true }).text()).toContain('process_cpu');
});
