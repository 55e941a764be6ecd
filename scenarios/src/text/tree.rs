//! What a text says, with the place of everything.

/// A range of bytes in a source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// From `start` up to, but not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }
}

/// A value and its place.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub span: Span,
    pub kind: Kind,
}

/// The kinds of value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Kind {
    /// A bare word: `true`, `None`, `Quiet`; in JSON only `true`, `false`, `null`.
    Word(String),
    /// A finite number as written, without underscores.
    Number(String),
    /// A text, decoded.
    Text(String),
    /// `[…]`
    List(Vec<Node>),
    /// `{…}`
    Map(Vec<(Node, Node)>),
    /// `(…)` or `Name(…)`; never in JSON.
    Group(Group),
}

/// `Name(a, b)` or `Name(x: a, y: b)`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Group {
    pub name: Option<(String, Span)>,
    /// The byte after the opening parenthesis.
    pub open: usize,
    /// Either all members have a key or none has.
    pub members: Vec<Member>,
}

/// A field or an item of a group.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Member {
    pub key: Option<(String, Span)>,
    pub value: Node,
}

impl Group {
    /// Whether the members have keys.
    pub fn keyed(&self) -> bool {
        self.members.first().is_some_and(|m| m.key.is_some())
    }
}

impl Node {
    /// The field `name` of a group or JSON object, looking through an enum's only variant.
    pub fn field(&self, name: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Group(group) => group
                .members
                .iter()
                .find(|m| m.key.as_ref().is_some_and(|(key, _)| key == name))
                .map(|m| &m.value),
            Kind::Map(entries) => entries
                .iter()
                .find(|(key, _)| matches!(&key.kind, Kind::Text(text) if text == name))
                .map(|(_, value)| value)
                .or_else(|| self.variant().and_then(|(_, content)| content.field(name))),
            Kind::Word(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => None,
        }
    }

    /// The item at a position of a list or tuple.
    pub fn item(&self, at: usize) -> Option<&Node> {
        match &self.kind {
            Kind::List(items) => items.get(at),
            Kind::Group(group) if !group.keyed() => group.members.get(at).map(|m| &m.value),
            Kind::Map(_) => self.variant().and_then(|(_, content)| content.item(at)),
            Kind::Group(_) | Kind::Word(_) | Kind::Number(_) | Kind::Text(_) => None,
        }
    }

    /// A JSON object that writes an enum's variant: `{"Closed": …}`.
    pub fn variant(&self) -> Option<(&str, &Node)> {
        match &self.kind {
            Kind::Map(entries) => match entries.as_slice() {
                [(Node { kind: Kind::Text(name), .. }, content)]
                    if name.starts_with(char::is_uppercase) =>
                {
                    Some((name, content))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The name of a word, of a named group, of a JSON variant.
    pub fn name(&self) -> Option<(&str, Span)> {
        match &self.kind {
            Kind::Word(name) | Kind::Text(name) => Some((name, self.span)),
            Kind::Group(Group { name: Some((name, span)), .. }) => Some((name, *span)),
            Kind::Map(entries) => self.variant().map(|(name, _)| (name, entries[0].0.span)),
            Kind::Group(_) | Kind::Number(_) | Kind::List(_) => None,
        }
    }

    /// What to call it in an error.
    pub fn described(&self) -> String {
        match &self.kind {
            Kind::Word(word) => format!("the word `{word}`"),
            Kind::Number(number) => format!("the number {number}"),
            Kind::Text(text) if text.chars().count() <= 40 => format!("the text {text:?}"),
            Kind::Text(_) => "a long text".into(),
            Kind::List(_) => "a list".into(),
            Kind::Map(_) => "a map".into(),
            Kind::Group(Group { name: Some((name, _)), .. }) => format!("`{name}(…)`"),
            Kind::Group(group) if group.keyed() => "a group of fields".into(),
            Kind::Group(_) => "a tuple".into(),
        }
    }

    /// Where to point when the whole is meant: a group's or map's beginning, otherwise all of it.
    pub fn head(&self) -> Span {
        match &self.kind {
            Kind::Group(group) => Span::new(self.span.start, group.open),
            Kind::Map(_) => Span::new(self.span.start, self.span.start + 1),
            Kind::Word(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => self.span,
        }
    }
}
