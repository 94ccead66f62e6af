// Times as the services write them: RFC 3339, or as Go prints them.

const form = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(\.\d+)?\s*(?:Z|([+-])(\d\d):?(\d\d))/;

/// The time in milliseconds, with a fraction; null where the text is none.
export function parse_time(text) {
  const found = form.exec(text);
  if (!found)
    return null;
  const [, year, month, day, hour, minute, second, fraction, sign, off_hours, off_minutes] = found;
  const offset = sign ? (sign === '-' ? -1 : 1) * (Number(off_hours) * 60 + Number(off_minutes)) : 0;
  return Date.UTC(year, month - 1, day, hour, minute - offset, second) + (fraction ? Number(`0${fraction}`) * 1000 : 0);
}

/// The time here, as yyyy-MM-dd HH:mm:ss.SSS; `otherwise` where there is none.
export function written(time, otherwise) {
  if (time === null)
    return otherwise;
  const at = new Date(Math.floor(time));
  const two = (value) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} `
    + `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}
