//! From text to tree. Recursion is capped, so that no input can exhaust the stack.

use std::collections::BTreeSet;

use super::literal;
use super::source::Format;
use super::tree::{Group, Kind, Member, Node, Span};
use crate::diagnose::Finding;

/// How deep values may nest.
const DEPTH_MAX: usize = 64;

type Result<T> = std::result::Result<T, Finding>;

/// Parses a whole text.
pub(super) fn parse(text: &str, format: Format) -> Result<Node> {
    let mut parser = Parser { text, format, at: 0, depth: 0 };
    parser.skip()?;
    while format == Format::Ron && parser.rest().starts_with("#!") {
        parser.attribute()?;
    }
    let node = parser.value()?;
    parser.skip()?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err(parser.expected("the end of the text")),
    }
}

struct Parser<'a> {
    text: &'a str,
    format: Format,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self) -> Result<Node> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            let message = format!("nested deeper than {DEPTH_MAX} levels");
            let length = self.peek().map_or(0, char::len_utf8);
            return Err(Finding::at(Span::new(self.at, self.at + length), message));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some('[') => self.list()?,
            Some('{') => self.map()?,
            Some('(') if self.format == Format::Ron => self.group(None)?,
            Some('"') => Kind::Text(self.quoted()?),
            Some('\'') if self.format == Format::Ron => Kind::Text(self.character()?),
            Some('r') if self.raw_hashes().is_some() => Kind::Text(self.raw()?),
            Some(c) if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => self.number()?,
            Some(c) if literal::starts_word(c) => self.word()?,
            _ => return Err(self.expected("a value")),
        };
        self.depth -= 1;
        Ok(Node { span: Span::new(start, self.at), kind })
    }

    fn list(&mut self) -> Result<Kind> {
        self.bump('[');
        let mut items = Vec::new();
        loop {
            self.skip()?;
            if self.eat(']') {
                return Ok(Kind::List(items));
            }
            items.push(self.value()?);
            self.separator(']')?;
        }
    }

    fn map(&mut self) -> Result<Kind> {
        self.bump('{');
        let mut entries: Vec<(Node, Node)> = Vec::new();
        let mut seen = BTreeSet::new();
        loop {
            self.skip()?;
            if self.eat('}') {
                return Ok(Kind::Map(entries));
            }
            if self.format == Format::Json && self.peek() != Some('"') {
                return Err(self.expected("a quoted name"));
            }
            let key = self.value()?;
            if let Kind::Text(text) = &key.kind
                && !seen.insert(text.clone())
            {
                return Err(Finding::at(key.span, format!("the field `{text}` is given twice")));
            }
            self.skip()?;
            if !self.eat(':') {
                return Err(self.expected("`:`"));
            }
            self.skip()?;
            let value = self.value()?;
            entries.push((key, value));
            self.separator('}')?;
        }
    }

    fn group(&mut self, name: Option<(String, Span)>) -> Result<Kind> {
        self.bump('(');
        let open = self.at;
        let mut members: Vec<Member> = Vec::new();
        let mut seen = BTreeSet::new();
        loop {
            self.skip()?;
            if self.eat(')') {
                return Ok(Kind::Group(Group { name, open, members }));
            }
            let start = self.at;
            let key = self.key()?;
            if let Some((key, span)) = key.as_ref().filter(|(key, _)| !seen.insert(key.clone())) {
                return Err(Finding::at(*span, format!("the field `{key}` is given twice")));
            }
            if members.first().is_some_and(|first| first.key.is_some() != key.is_some()) {
                let what = if key.is_some() { "an item" } else { "`name: value`" };
                self.at = start;
                return Err(self.expected(what));
            }
            let value = self.value()?;
            members.push(Member { key, value });
            self.separator(')')?;
        }
    }

    /// `name:`, if that is what comes next; otherwise nothing is consumed.
    fn key(&mut self) -> Result<Option<(String, Span)>> {
        let start = self.at;
        if !self.peek().is_some_and(literal::starts_word) {
            return Ok(None);
        }
        let word = self.letters();
        let span = Span::new(start, self.at);
        self.skip()?;
        if self.rest().starts_with(':') {
            self.at += 1;
            self.skip()?;
            return Ok(Some((word, span)));
        }
        self.at = start;
        Ok(None)
    }

    /// A comma, or (left in place) the closing bracket.
    fn separator(&mut self, close: char) -> Result<()> {
        self.skip()?;
        if self.eat(',') {
            self.skip()?;
            if self.format == Format::Json && self.peek() == Some(close) {
                return Err(self.expected("another entry: JSON knows no trailing comma"));
            }
            return Ok(());
        }
        if self.peek() == Some(close) {
            return Ok(());
        }
        Err(self.expected(&format!("`,` or `{close}`")))
    }

    fn word(&mut self) -> Result<Kind> {
        let start = self.at;
        let word = self.letters();
        let span = Span::new(start, self.at);
        if self.format == Format::Json {
            return match word.as_str() {
                "true" | "false" | "null" => Ok(Kind::Word(word)),
                _ => Err(Finding::at(span, format!("`{word}` is no JSON value"))
                    .help(format!("write \"{word}\""))),
            };
        }
        let end = self.at;
        self.skip()?;
        if self.peek() == Some('(') {
            return self.group(Some((word, span)));
        }
        self.at = end;
        Ok(Kind::Word(word))
    }

    fn number(&mut self) -> Result<Kind> {
        let length = literal::number_length(self.rest()).max(1);
        let span = Span::new(self.at, self.at + length);
        let text = &self.text[span.start..span.end];
        let number = literal::number(text, self.format).ok_or_else(|| {
            let finding = Finding::at(span, format!("`{text}` is no number"));
            if text.parse::<seedbed_node::Duration>().is_ok() {
                return finding.help(format!("durations are texts: write \"{text}\""));
            }
            finding
        })?;
        self.at = span.end;
        Ok(Kind::Number(number))
    }

    fn quoted(&mut self) -> Result<String> {
        let start = self.at;
        self.bump('"');
        let mut decoded = String::new();
        loop {
            match self.peek() {
                Some('"') => break,
                Some('\\') if self.format == Format::Json => {
                    self.at += 1;
                    self.at += self.peek().map_or(0, char::len_utf8);
                }
                Some('\\') => {
                    let (c, length) = literal::escape(&self.rest()[1..]).ok_or_else(|| {
                        let end = self.at + 1;
                        Finding::at(Span::new(self.at, end), "this escape means nothing")
                            .help("write \\\\ for a backslash")
                    })?;
                    decoded.push(c);
                    self.at += 1 + length;
                }
                Some(c) => {
                    decoded.push(c);
                    self.at += c.len_utf8();
                }
                None => {
                    let span = Span::new(start, start + 1);
                    return Err(Finding::at(span, "this text is never closed"));
                }
            }
        }
        self.bump('"');
        if self.format == Format::Json {
            let span = Span::new(start, self.at);
            return serde_json::from_str(&self.text[start..self.at])
                .map_err(|error| Finding::at(span, format!("bad JSON text: {error}")));
        }
        Ok(decoded)
    }

    fn character(&mut self) -> Result<String> {
        let start = self.at;
        self.bump('\'');
        let unclosed = || Finding::at(Span::new(start, start + 1), "this is no character");
        let (c, length) = match self.peek().ok_or_else(unclosed)? {
            '\\' => {
                let (c, length) = literal::escape(&self.rest()[1..]).ok_or_else(unclosed)?;
                (c, 1 + length)
            }
            c => (c, c.len_utf8()),
        };
        self.at += length;
        if self.eat('\'') { Ok(c.into()) } else { Err(unclosed()) }
    }

    /// How many hashes a raw text that starts here has.
    fn raw_hashes(&self) -> Option<usize> {
        let after = self.rest().strip_prefix('r')?;
        let hashes = after.bytes().take_while(|b| *b == b'#').count();
        (self.format == Format::Ron && after[hashes..].starts_with('"')).then_some(hashes)
    }

    fn raw(&mut self) -> Result<String> {
        let start = self.at;
        let hashes = self.raw_hashes().expect("called at a raw text");
        let body = start + 2 + hashes;
        let close = format!("\"{}", "#".repeat(hashes));
        let Some(length) = self.text[body..].find(&close) else {
            let span = Span::new(start, body);
            return Err(Finding::at(span, "this raw text is never closed"));
        };
        self.at = body + length + close.len();
        Ok(self.text[body..body + length].to_owned())
    }

    /// `#![enable(…)]`: the extensions are always on.
    fn attribute(&mut self) -> Result<()> {
        let Some(length) = self.rest().find(']') else {
            return Err(self.expected("a closed attribute"));
        };
        self.at += length + 1;
        self.skip()
    }

    /// White space and comments.
    fn skip(&mut self) -> Result<()> {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.rest();
            if self.format == Format::Json || !rest.starts_with('/') {
                return Ok(());
            }
            if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    fn block_comment(&mut self) -> Result<()> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut open = 0usize;
        while self.at < bytes.len() {
            match &bytes[self.at..] {
                [b'/', b'*', ..] => {
                    open += 1;
                    self.at += 2;
                }
                [b'*', b'/', ..] => {
                    open -= 1;
                    self.at += 2;
                    if open == 0 {
                        return Ok(());
                    }
                }
                _ => self.at += 1,
            }
        }
        Err(Finding::at(Span::new(start, start + 2), "this comment is never closed"))
    }

    fn letters(&mut self) -> String {
        let rest = self.rest();
        let length = rest.find(|c| !literal::continues_word(c)).unwrap_or(rest.len());
        self.at += length;
        rest[..length].to_owned()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn bump(&mut self, c: char) {
        let found = self.eat(c);
        debug_assert!(found, "the caller has seen {c:?}");
    }

    fn expected(&self, what: &str) -> Finding {
        match self.peek() {
            Some(c) => {
                let span = Span::new(self.at, self.at + c.len_utf8());
                Finding::at(span, format!("expected {what}, found `{}`", c.escape_debug()))
            }
            None => {
                let span = Span::new(self.at, self.at);
                Finding::at(span, format!("expected {what}, found the end of the text"))
            }
        }
    }
}
