//! The inside of groups, maps and variants, as serde asks for it.

use serde::de::value::{StrDeserializer, U64Deserializer};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

use super::read::Reader;
use super::tree::{Group, Member, Node, Span};
use crate::diagnose::Finding;

pub(super) struct Items<'a, I> {
    pub(super) reader: Reader<'a>,
    pub(super) items: I,
}

impl<'a, I: ExactSizeIterator<Item = &'a Node>> SeqAccess<'a> for &mut Items<'a, I> {
    type Error = Finding;
    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Finding> {
        self.items.next().map(|node| seed.deserialize(self.reader.child(node))).transpose()
    }
}

pub(super) struct Fields<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) members: std::slice::Iter<'a, Member>,
    pub(super) value: Option<&'a Node>,
}

impl<'a> MapAccess<'a> for Fields<'a> {
    type Error = Finding;
    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Finding> {
        let Some(Member { key: Some((key, span)), value }) = self.members.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        let name: StrDeserializer<'_, Finding> = key.as_str().into_deserializer();
        seed.deserialize(name).map(Some).map_err(|finding| finding.or_at(*span))
    }
    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Finding> {
        let value = self.value.take().expect("serde asks for a value after its key");
        seed.deserialize(self.reader.child(value))
    }
}

pub(super) struct Entries<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) entries: std::slice::Iter<'a, (Node, Node)>,
    pub(super) value: Option<&'a Node>,
}

impl<'a> MapAccess<'a> for Entries<'a> {
    type Error = Finding;
    fn next_key_seed<K: DeserializeSeed<'a>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Finding> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some(value);
        seed.deserialize(self.reader.child(key))
            .map(Some)
            .map_err(|finding| finding.or_at(key.span))
    }
    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Finding> {
        let value = self.value.take().expect("serde asks for a value after its key");
        seed.deserialize(self.reader.child(value))
    }
}

/// What [`Spanned`](super::Spanned) is made of: two places, then the value.
pub(super) struct Parts<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) step: u8,
}

impl<'a> SeqAccess<'a> for Parts<'a> {
    type Error = Finding;
    fn next_element_seed<T: DeserializeSeed<'a>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Finding> {
        let Span { start, end } = self.reader.node.span;
        self.step += 1;
        match self.step {
            1 => seed.deserialize(U64Deserializer::new(start as u64)).map(Some),
            2 => seed.deserialize(U64Deserializer::new(end as u64)).map(Some),
            _ => seed.deserialize(self.reader).map(Some),
        }
    }
}

/// An enum's variant: its name and what it holds.
pub(super) struct Variant<'a> {
    pub(super) word: &'a str,
    pub(super) at: Option<Span>,
    pub(super) content: Content<'a>,
}

pub(super) enum Content<'a> {
    /// `Quiet`
    Nothing(Reader<'a>),
    /// `Closed(…)`
    Group(Reader<'a>, &'a Group),
    /// `{"Closed": …}`
    Json(Reader<'a>),
    /// The value itself, for a variant whose name starts with `$`.
    Bare(Reader<'a>),
}

impl<'a> EnumAccess<'a> for Variant<'a> {
    type Error = Finding;
    type Variant = Content<'a>;
    fn variant_seed<V: DeserializeSeed<'a>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content<'a>), Finding> {
        let name: StrDeserializer<'_, Finding> = self.word.into_deserializer();
        let variant = seed.deserialize(name).map_err(|finding| match self.at {
            Some(span) => finding.or_at(span),
            None => finding,
        })?;
        Ok((variant, self.content))
    }
}

impl<'a> Content<'a> {
    fn empty<T>(reader: Reader<'a>) -> Result<T, Finding> {
        let word = reader.node.name().map_or("it", |(word, _)| word);
        let message = format!("`{word}` needs contents: `{word}(…)`");
        Err(Finding::at(reader.node.span, message))
    }
}

impl<'a> VariantAccess<'a> for Content<'a> {
    type Error = Finding;

    fn unit_variant(self) -> Result<(), Finding> {
        match self {
            Content::Nothing(_) => Ok(()),
            Content::Group(_, group) if group.members.is_empty() => Ok(()),
            Content::Group(reader, _) | Content::Json(reader) | Content::Bare(reader) => {
                Err(Finding::at(reader.node.span, "this word takes no contents"))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Finding> {
        match self {
            Content::Nothing(reader) => Content::empty(reader),
            Content::Group(reader, group) if group.members.len() == 1 && !group.keyed() => {
                seed.deserialize(reader.child(&group.members[0].value))
            }
            Content::Group(reader, _) => seed.deserialize(reader.contents()),
            Content::Json(reader) | Content::Bare(reader) => seed.deserialize(reader),
        }
    }

    fn tuple_variant<V: Visitor<'a>>(self, length: usize, visitor: V) -> Result<V::Value, Finding> {
        match self {
            Content::Nothing(reader) => Content::empty(reader),
            Content::Group(reader, _) => reader.contents().deserialize_tuple(length, visitor),
            Content::Json(reader) | Content::Bare(reader) => {
                reader.deserialize_tuple(length, visitor)
            }
        }
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Finding> {
        match self {
            // `Closed` for `Closed()`: every field has its default, or is reported as missing.
            Content::Nothing(reader) => {
                visitor.visit_map(Fields { reader, members: [].iter(), value: None })
            }
            Content::Group(reader, _) => reader.contents().deserialize_struct("", fields, visitor),
            Content::Json(reader) | Content::Bare(reader) => {
                reader.deserialize_struct("", fields, visitor)
            }
        }
    }
}
