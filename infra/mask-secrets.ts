const CREDENTIALS_IN_URL = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/?#]*)@/gi;
/** Also as the last part of a longer name, as in ALPACA_API_SECRET_KEY or `apca-api-key-id`. */
const SECRET_NAME = String.raw`[\w-]*?(?:password|passwd|pwd|token|secret|api[_-]?key|access[_-]?key)(?:[_-]?(?:key|id))?`;
const SECRET_KEY = String.raw`(\b${SECRET_NAME}\\?["']?\s*[=:]\s*)`;
/** Quotes may be escaped: the text may be inside a JSON string. */
const QUOTED_SECRET = new RegExp(String.raw`${SECRET_KEY}(\\?["'])(.*?)\2`, 'gi');
const BARE_SECRET = new RegExp(String.raw`${SECRET_KEY}([^\s&,;"'\\]+)`, 'gi');

/**
 * `text` with the passwords of URLs (`scheme://user:***@host`) and the values of `password=`, `token=`, `secret=` and
 * `api_key=` replaced by `***`. Errors and log lines pass through it before they leave the process.
 */
export function maskSecrets(text: string): string {
  return text
    .replace(CREDENTIALS_IN_URL, maskUserInfo)
    .replace(QUOTED_SECRET, '$1$2***$2')
    .replace(BARE_SECRET, '$1***');
}

function maskUserInfo(_match: string, scheme: string, userInfo: string): string {
  const colon = userInfo.indexOf(':');
  return colon < 0 ? `${scheme}${userInfo}@` : `${scheme}${userInfo.slice(0, colon)}:***@`;
}
