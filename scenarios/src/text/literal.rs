//! Numbers and texts, letter by letter.

use super::source::Format;

/// Whether a word may start with `c`.
pub(super) fn starts_word(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

/// Whether a word may continue with `c`.
pub(super) fn continues_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// How long the number-like run at the start of `text` is, in bytes: everything that a reader
/// would take as one, so that `12ms` is reported as a whole.
pub(super) fn number_length(text: &str) -> usize {
    let mut previous = ' ';
    let mut length = 0;
    for (at, c) in text.char_indices() {
        let sign = matches!(c, '+' | '-') && (at == 0 || matches!(previous, 'e' | 'E'));
        if !(sign || c == '.' || continues_word(c)) {
            break;
        }
        previous = c;
        length = at + c.len_utf8();
    }
    length
}

/// A number as written, without underscores, if it is a finite one.
pub(super) fn number(text: &str, format: Format) -> Option<String> {
    if format == Format::Json {
        return serde_json::from_str::<serde_json::Number>(text).ok().map(|_| text.to_owned());
    }
    let plain = text.replace('_', "");
    let digits = plain.trim_start_matches(['+', '-']);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let finite = plain.parse::<f64>().is_ok_and(f64::is_finite);
    (finite || whole(&plain).is_some()).then_some(plain)
}

/// The value of a whole number, also in base 2, 8 or 16.
pub(super) fn whole(plain: &str) -> Option<i128> {
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(plain)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        _ => (10, digits),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(digits, radix).ok()?;
    Some(if negative { -value } else { value })
}

/// A text as a value: in quotes, with escapes that its format knows.
pub(crate) fn quoted(text: &str, format: Format) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() && format == Format::Json => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c if c.is_control() => quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Decodes an escape of RON: what follows the backslash in `rest`. Gives the character and how
/// many bytes it took.
pub(super) fn escape(rest: &str) -> Option<(char, usize)> {
    let mut letters = rest.chars();
    let simple = match letters.next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        same @ ('\\' | '"' | '\'') => same,
        'x' => {
            let code = u8::from_str_radix(rest.get(1..3)?, 16).ok()?;
            return Some((char::from(code), 3));
        }
        'u' => {
            let end = rest.find('}')?;
            let code = rest.get(..end)?.strip_prefix("u{")?;
            return Some((char::from_u32(u32::from_str_radix(code, 16).ok()?)?, end + 1));
        }
        _ => return None,
    };
    Some((simple, 1))
}
