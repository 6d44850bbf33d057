// What we use of drizzle, by its CommonJS build. As ES modules Node reads its package.json, 180 kB, anew for each of a
// hundred files: half a second and 200 MB of every start, against a tenth of both this way. BM-12
const { and, eq } = require('drizzle-orm');
const { drizzle } = require('drizzle-orm/node-postgres');
const {
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
} = require('drizzle-orm/pg-core');

module.exports = {
  and,
  bigint,
  boolean,
  char,
  drizzle,
  eq,
  getTableConfig,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uuid,
};
