import { CelEvaluationError } from '../errors.ts';
import type { CelLibrary } from '../library.ts';
import { boolType, type CelType, listType, mapType, objectType, stringType } from '../types.ts';
import { CelOpaque, type CelValue, celList, celMap } from '../values.ts';
import { accepts, accessorCost, declare, global, keepingCost, member, noSuchOverload, textOf } from './declare.ts';
import {
  checkRequestUri,
  fromBytes,
  type GoUrl,
  parseUrl,
  printUrl,
  urlEscapedPath,
  urlHostname,
  urlPort,
  urlQuery,
} from './go-url.ts';
import { UrlError } from './go-url-escape.ts';

const urlType: CelType = objectType('kubernetes.URL');

/** A URL as a value. */
export class CelUrl extends CelOpaque {
  readonly type = urlType;
  readonly url: GoUrl;

  constructor(url: GoUrl) {
    super();
    this.url = url;
  }

  equals(other: CelValue): boolean {
    return printUrl(this.url) === printUrl(urlOf(other));
  }
}

function urlOf(value: CelValue | undefined): GoUrl {
  if (value instanceof CelUrl) return value.url;
  throw noSuchOverload();
}

function urlFromText(text: string): CelUrl {
  try {
    return new CelUrl(parseUrl(text));
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    throw new CelEvaluationError(`URL parse error during conversion from string: ${error.message}`);
  }
}

const accessor = (name: string, id: string, get: (url: GoUrl) => string) =>
  declare(name, member(id, [urlType], stringType, { call: ([url]) => fromBytes(get(urlOf(url))), cost: accessorCost }));

/** URLs, absolute ones and absolute paths. KA-102 */
export const urlLibrary: CelLibrary = {
  name: 'kubernetes.urls',
  functions: [
    declare(
      'url',
      global('string_to_url', [stringType], urlType, {
        call: ([text]) => urlFromText(textOf(text)),
        cost: keepingCost(),
      }),
    ),
    declare(
      'isURL',
      global('is_url_string', [stringType], boolType, {
        call: ([text]) => accepts(UrlError, () => checkRequestUri(textOf(text))),
      }),
    ),
    accessor('getScheme', 'url_get_scheme', (url) => url.scheme),
    accessor('getHost', 'url_get_host', (url) => url.host),
    accessor('getHostname', 'url_get_hostname', urlHostname),
    accessor('getPort', 'url_get_port', urlPort),
    accessor('getEscapedPath', 'url_get_escaped_path', urlEscapedPath),
    declare(
      'getQuery',
      member('url_get_query', [urlType], mapType(stringType, listType(stringType)), {
        call: ([url]) => celMap([...urlQuery(urlOf(url))].map(([key, values]) => [key, celList([...values])])),
        cost: accessorCost,
      }),
    ),
  ],
};
