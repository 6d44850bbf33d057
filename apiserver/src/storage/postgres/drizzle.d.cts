export { and, eq } from 'drizzle-orm';
export { drizzle } from 'drizzle-orm/node-postgres';
export {
  bigint,
  boolean,
  char,
  getTableConfig,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
