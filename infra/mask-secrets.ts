const CREDENTIALS_IN_URL = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s/?#]*)@/gi;
const SECRET_PARAMETER =
  /\b((?:password|passwd|pwd|token|secret|api[_-]?key|access[_-]?key)\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&,;"']+)/gi;

/**
 * `text` with the passwords of URLs (`scheme://user:***@host`) and the values of `password=`, `token=`, `secret=` and
 * `api_key=` replaced by `***`. Errors and log lines pass through it before they leave the process.
 */
export function maskSecrets(text: string): string {
  return text.replace(CREDENTIALS_IN_URL, maskUserInfo).replace(SECRET_PARAMETER, '$1***');
}

function maskUserInfo(_match: string, scheme: string, userInfo: string): string {
  const colon = userInfo.indexOf(':');
  return colon < 0 ? `${scheme}${userInfo}@` : `${scheme}${userInfo.slice(0, colon)}:***@`;
}
