import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Logger, silentLogger } from '@quarterdeck/machinery';
import type { Authenticator, UserInfo } from './authenticator.ts';
import { bearerToken } from './chain.ts';
import { parseCsv } from './csv.ts';

/** Identity by a token of a list that does not change while the server runs. KA-120b */
export interface StaticTokens {
  readonly authenticator: Authenticator;
  /** Of users by their tokens. */
  readonly count: number;
}

/**
 * Reads a file of tokens, once: `token,user,uid` in each line, then, where there are any, the user's groups in one field
 * (`"a,b"`). A line without a token counts for nothing; of two with the same token the later one counts; both are warned of.
 * @throws Error that names the file and the line of what is wrong with it
 */
export async function readStaticTokens(file: string, logger: Logger): Promise<StaticTokens> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`the token file ${file} cannot be read (${cause.code})`, { cause });
  });
  try {
    return parseStaticTokens(text, logger.child({ file }));
  } catch (cause) {
    throw new Error(`the token file ${file}, ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The same of a text. @throws Error that names the line of what is wrong */
export function parseStaticTokens(text: string, logger: Logger = silentLogger): StaticTokens {
  const users = new Map<string, UserInfo>();
  for (const { line, fields } of parseCsv(text)) {
    const [token = '', name = '', uid = '', groups = ''] = fields;
    if (fields.length < 3) {
      throw new Error(`line ${line}: there are ${fields.length} fields, where a token, a user and a UID are needed`);
    }
    if (token === '') {
      logger.warn({ line }, 'a line of the token file has no token and counts for nothing');
      continue;
    }
    if (name === '') throw new Error(`line ${line}: the token names no user`);
    const key = digest(token);
    if (users.has(key)) logger.warn({ line }, 'a token stands twice in the token file; the later line counts');
    const named = groups.split(',').filter((group) => group !== '');
    users.set(key, { name, ...(uid === '' ? {} : { uid }), groups: named });
  }
  return {
    count: users.size,
    authenticator: {
      name: 'static-token',
      async authenticate(credentials) {
        const token = bearerToken(credentials);
        const user = token === undefined ? undefined : users.get(digest(token));
        return user && { user };
      },
    },
  };
}

/** Looked up by what nobody can guess their way to. */
const digest = (token: string): string => createHash('sha256').update(token).digest('hex');
