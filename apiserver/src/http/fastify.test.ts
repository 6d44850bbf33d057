import { testAuthority } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { buildFastify, usualPatience } from './fastify.ts';

const { cert: certificate, key } = testAuthority().issue('a');

test.each([
  { what: 'over TLS', pair: { certificate, key } },
  { what: 'in the clear', pair: undefined },
])(
  'KA-140b pieces of an answer $what are sent as they come, not held back until the one before is confirmed',
  ({ pair }) => {
    const { server } = buildFastify({ pair, patience: usualPatience }, () => {});
    expect((server as unknown as { readonly noDelay: boolean }).noDelay).toBe(true);
  },
);
