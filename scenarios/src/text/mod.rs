//! Scenario texts: sources, a tree of what they say with byte spans, typed reading, splicing.
//!
//! One parser serves RON and JSON, so that both mean the same and every problem, down to a single
//! parameter of an algorithm, is reported at its exact place. Absent: any meaning; that is in
//! `schema` and `lower`.

mod access;
mod directory;
mod literal;
mod parse;
mod path;
mod read;
mod refusals;
mod set;
mod source;
mod spanned;
mod tree;

pub(crate) use directory::Directory;
pub(crate) use literal::quoted;
pub(crate) use read::Reader;
pub(crate) use set::Splice;
pub use source::{Format, Source};
pub(crate) use spanned::{Spanned, Word};
pub use tree::Span;
pub(crate) use tree::{Group, Kind, Member, Node};
