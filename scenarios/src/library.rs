//! The shipped scenarios, part of the program.

use crate::diagnose::nearest;
use crate::text::{Format, Source};

/// Name, whether it is JSON, text; in order of names.
const FILES: &[(&str, bool, &str)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// A shipped scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shipped {
    /// The bare name, such as `ricart-agrawala`.
    pub name: &'static str,
    /// How it is written.
    pub format: Format,
    /// The text, comments included.
    pub text: &'static str,
}

impl Shipped {
    /// The scenario's `about` line; empty if it has none.
    pub fn about(&self) -> String {
        let tree = self.source().tree().ok();
        let about = tree.as_ref().and_then(|tree| tree.field("about"));
        about.and_then(|node| node.name()).map_or_else(String::new, |(text, _)| text.to_owned())
    }

    /// The text as a source, named as the file would be.
    pub fn source(&self) -> Source {
        let ending = match self.format {
            Format::Ron => "ron",
            Format::Json => "json",
        };
        Source {
            name: format!("{}.{ending}", self.name),
            text: self.text.to_owned(),
            format: self.format,
        }
    }
}

/// All shipped scenarios in order of names.
pub fn library() -> impl ExactSizeIterator<Item = Shipped> {
    FILES.iter().map(|&(name, json, text)| Shipped {
        name,
        format: if json { Format::Json } else { Format::Ron },
        text,
    })
}

/// The shipped scenario called `name`, with or without its file ending; or the one whose name
/// begins so, if that is the only one or all others that do are variants of it.
pub fn find(name: &str) -> Option<Shipped> {
    let bare = name.strip_suffix(".ron").or(name.strip_suffix(".json")).unwrap_or(name);
    if let Some(exact) = library().find(|shipped| shipped.name == bare) {
        return Some(exact);
    }
    let mut beginning =
        library().filter(|shipped| !bare.is_empty() && shipped.name.starts_with(bare));
    let first = beginning.next()?;
    beginning.all(|other| other.name.starts_with(first.name)).then_some(first)
}

/// The shipped scenario whose name is nearest to `name`, for error messages.
pub fn nearest_name(name: &str) -> Option<&'static str> {
    nearest(name, FILES.iter().map(|(name, _, _)| *name))
}
