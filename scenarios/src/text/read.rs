//! From a tree to typed values, by serde; every error gets the place of the node that caused it.
//!
//! Options may be written bare (RON's `IMPLICIT_SOME`), structs inside enum variants without
//! their own parentheses (`UNWRAP_VARIANT_NEWTYPES`), and node ids as names.

use serde::de::{self, Deserializer, IntoDeserializer, Visitor};

use super::access::{Content, Entries, Fields, Items, Parts, Variant};
use super::directory::Directory;
use super::literal;
use super::refusals::in_words;
use super::spanned::SPANNED;
use super::tree::{Group, Kind, Node};
use crate::diagnose::Finding;

/// Reads one node of the tree.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(super) node: &'a Node,
    /// Who node names are; `None` where no ids may occur.
    directory: Option<&'a Directory>,
    /// Read a named group as if it had no name: the contents of a variant.
    contents: bool,
}

impl<'a> Reader<'a> {
    /// A reader of `node` without node ids.
    pub fn new(node: &'a Node) -> Self {
        Reader { node, directory: None, contents: false }
    }

    /// A reader of `node` in which [`NodeId`](seedbed_node::NodeId)s are written as names.
    pub fn with_names(node: &'a Node, directory: &'a Directory) -> Self {
        Reader { node, directory: Some(directory), contents: false }
    }

    /// A reader of the contents of a named group: of its fields or items, without its name.
    pub fn contents(self) -> Self {
        Reader { contents: true, ..self }
    }

    pub(super) fn child(self, node: &'a Node) -> Self {
        Reader { node, contents: false, ..self }
    }

    fn placed<T>(self, result: Result<T, Finding>) -> Result<T, Finding> {
        result.map_err(|finding| finding.or_at(self.node.head()))
    }

    fn mismatch<T>(self, visitor: &dyn de::Expected) -> Result<T, Finding> {
        let message = format!("expected {visitor}, found {}", self.node.described());
        let finding = Finding::at(self.node.head(), message);
        Err(match &self.node.kind {
            Kind::Word(word) if word.starts_with(char::is_lowercase) => {
                finding.help(format!("a text needs quotes: \"{word}\""))
            }
            _ => finding,
        })
    }

    /// The members of a group that is not a variant.
    fn group(self, name: &str) -> Option<&'a Group> {
        match &self.node.kind {
            Kind::Group(group) => {
                let plain = group.name.as_ref().is_none_or(|(n, _)| n == name || self.contents);
                plain.then_some(group)
            }
            _ => None,
        }
    }

    fn sequence<V: Visitor<'a>>(
        self,
        items: impl ExactSizeIterator<Item = &'a Node>,
        visitor: V,
    ) -> Result<V::Value, Finding> {
        let mut access = Items { reader: self, items };
        let value = visitor.visit_seq(&mut access)?;
        match access.items.next() {
            None => Ok(value),
            Some(extra) => Err(Finding::at(extra.span, "one item too many")),
        }
    }

    fn fields<V: Visitor<'a>>(self, group: &'a Group, visitor: V) -> Result<V::Value, Finding> {
        visitor.visit_map(Fields { reader: self, members: group.members.iter(), value: None })
    }

    fn entries<V: Visitor<'a>>(
        self,
        entries: &'a [(Node, Node)],
        visitor: V,
    ) -> Result<V::Value, Finding> {
        visitor.visit_map(Entries { reader: self, entries: entries.iter(), value: None })
    }

    fn whole<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        let expected = in_words(&visitor);
        let expected = expected.as_str();
        let Kind::Number(number) = &self.node.kind else { return self.mismatch(&expected) };
        let Some(value) = literal::whole(number) else { return self.mismatch(&expected) };
        self.placed(match (u64::try_from(value), i64::try_from(value)) {
            (Ok(value), _) => visitor.visit_u64(value),
            (_, Ok(value)) => visitor.visit_i64(value),
            _ => return self.mismatch(&expected),
        })
    }

    /// The variant that stands for a value without a variant's name: `$number` and so on.
    fn bare(self, variants: &[&'static str]) -> Option<&'static str> {
        let word = match &self.node.kind {
            Kind::Number(_) => "$number",
            Kind::Text(text) if !variants.contains(&text.as_str()) => "$text",
            Kind::List(_) => "$list",
            Kind::Group(group) if group.name.is_none() => "$group",
            Kind::Map(_) if self.node.variant().is_none() => "$group",
            Kind::Word(_) | Kind::Text(_) | Kind::Group(_) | Kind::Map(_) => return None,
        };
        variants.iter().find(|variant| **variant == word).copied()
    }

    /// A bare duration is a constant distribution, wherever a distribution is read.
    fn constant(self, name: &str, variants: &[&'static str]) -> Option<&'static str> {
        match &self.node.kind {
            Kind::Text(text) if name == "Distribution" && !variants.contains(&text.as_str()) => {
                variants.iter().find(|variant| **variant == "Constant").copied()
            }
            _ => None,
        }
    }
}

macro_rules! whole_numbers {
    ($($method:ident),*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
            self.whole(visitor)
        }
    )*};
}

impl<'a> Deserializer<'a> for Reader<'a> {
    type Error = Finding;

    whole_numbers!(
        deserialize_i8,
        deserialize_i16,
        deserialize_i32,
        deserialize_i64,
        deserialize_u8,
        deserialize_u16,
        deserialize_u32,
        deserialize_u64
    );

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        match &self.node.kind {
            Kind::Word(word) => match word.as_str() {
                "true" | "false" => self.deserialize_bool(visitor),
                "None" | "null" => self.deserialize_option(visitor),
                _ => self.deserialize_identifier(visitor),
            },
            Kind::Number(number) if literal::whole(number).is_some() => self.whole(visitor),
            Kind::Number(_) => self.deserialize_f64(visitor),
            Kind::Text(_) => self.deserialize_str(visitor),
            Kind::List(_) => self.deserialize_seq(visitor),
            Kind::Map(entries) => self.placed(self.entries(entries, visitor)),
            Kind::Group(group) if group.keyed() => self.placed(self.fields(group, visitor)),
            Kind::Group(group) => {
                let items = group.members.iter().map(|m| &m.value);
                self.placed(self.sequence(items, visitor))
            }
        }
    }

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        match &self.node.kind {
            Kind::Word(word) if word == "true" => self.placed(visitor.visit_bool(true)),
            Kind::Word(word) if word == "false" => self.placed(visitor.visit_bool(false)),
            _ => self.mismatch(&"`true` or `false`"),
        }
    }

    fn deserialize_f32<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        let Kind::Number(number) = &self.node.kind else { return self.mismatch(&"a number") };
        let value = match (number.parse::<f64>(), literal::whole(number)) {
            (Ok(value), _) if value.is_finite() => value,
            (_, Some(whole)) => whole as f64,
            _ => return self.mismatch(&"a number"),
        };
        self.placed(visitor.visit_f64(value))
    }

    fn deserialize_char<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        match &self.node.kind {
            Kind::Text(text) => self.placed(visitor.visit_str(text)),
            _ => self.mismatch(&visitor),
        }
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        self.mismatch(&visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        self.mismatch(&visitor)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        match &self.node.kind {
            Kind::Word(word) if word == "None" || word == "null" => {
                self.placed(visitor.visit_none())
            }
            Kind::Group(Group { name: Some((name, _)), members, .. })
                if name == "Some" && members.len() == 1 && !self.contents =>
            {
                self.placed(visitor.visit_some(self.child(&members[0].value)))
            }
            _ => self.placed(visitor.visit_some(self)),
        }
    }

    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        match &self.node.kind {
            Kind::Word(word) if word == "null" => self.placed(visitor.visit_unit()),
            Kind::Group(group) if group.members.is_empty() => self.placed(visitor.visit_unit()),
            _ => self.mismatch(&visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Finding> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Finding> {
        if let ("NodeId", Some(directory)) = (name, self.directory) {
            let Kind::Text(text) = &self.node.kind else { return self.mismatch(&"a node's name") };
            let id = directory
                .find(text)
                .filter(|id| id.0 < directory.members)
                .ok_or_else(|| directory.unknown(text).or_at(self.node.span))?;
            return self.placed(visitor.visit_newtype_struct(id.0.into_deserializer()));
        }
        self.placed(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        match &self.node.kind {
            Kind::List(items) => self.placed(self.sequence(items.iter(), visitor)),
            _ => self.mismatch(&"a list `[…]`"),
        }
    }

    fn deserialize_tuple<V: Visitor<'a>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Finding> {
        let result = match (&self.node.kind, self.group("")) {
            // A list is how JSON writes a tuple.
            (Kind::List(items), _) => self.sequence(items.iter(), visitor),
            (_, Some(group)) if !group.keyed() => {
                self.sequence(group.members.iter().map(|m| &m.value), visitor)
            }
            _ => return self.mismatch(&format!("a tuple of {length} `(…)`").as_str()),
        };
        self.placed(result)
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        _name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Finding> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        match &self.node.kind {
            Kind::Map(entries) => self.placed(self.entries(entries, visitor)),
            _ => self.mismatch(&"a map `{…}`"),
        }
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Finding> {
        if name == SPANNED {
            return visitor.visit_seq(Parts { reader: self, step: 0 });
        }
        match (&self.node.kind, self.group(name)) {
            (Kind::Map(entries), _) => self.placed(self.entries(entries, visitor)),
            (_, Some(group)) if group.keyed() || group.members.is_empty() => {
                self.placed(self.fields(group, visitor))
            }
            _ => self.mismatch(&"fields `(name: value, …)`"),
        }
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Finding> {
        if let Some(bare) = self.bare(variants).or_else(|| self.constant(name, variants)) {
            let content = Content::Bare(self);
            return self.placed(visitor.visit_enum(Variant { word: bare, at: None, content }));
        }
        let Some((word, span)) = self.node.name() else {
            let words: Vec<_> = variants.iter().filter(|v| !v.starts_with('$')).copied().collect();
            return self.mismatch(&format!("one of {}", words.join(", ")).as_str());
        };
        let content = match (&self.node.kind, self.node.variant()) {
            (Kind::Group(group), _) => Content::Group(self, group),
            (_, Some((_, content))) => Content::Json(self.child(content)),
            _ => Content::Nothing(self),
        };
        self.placed(visitor.visit_enum(Variant { word, at: Some(span), content }))
    }

    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        match &self.node.kind {
            Kind::Word(text) | Kind::Text(text) => self.placed(visitor.visit_str(text)),
            _ => self.mismatch(&visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Finding> {
        visitor.visit_unit()
    }
}
