//! What a preset is: a path, and where each of its figures comes from.

use super::Path;

/// A path that was measured somewhere, with the record of what was measured and what was not.
#[derive(Clone, PartialEq, Debug)]
pub struct Preset {
    /// The name in scenarios.
    pub name: &'static str,
    /// What it models, in a sentence.
    pub about: &'static str,
    /// The path.
    pub path: Path,
    figures: Vec<Figure>,
}

/// A figure of a preset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Figure {
    /// What it is.
    pub parameter: &'static str,
    /// Its value, with its unit.
    pub value: String,
    /// How it came about.
    pub basis: Basis,
    /// The source, or why it was assumed.
    pub source: &'static str,
}

/// How a figure came about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Basis {
    /// The source gives it, or its reciprocal.
    Measured,
    /// It makes the model come to what the source gives.
    Fitted,
    /// It follows from other figures here.
    Derived,
    /// Nobody whom we could read has published it.
    Assumed,
}

impl Basis {
    /// The word for tables.
    pub const fn word(self) -> &'static str {
        match self {
            Basis::Measured => "measured",
            Basis::Fitted => "fitted",
            Basis::Derived => "derived",
            Basis::Assumed => "assumed",
        }
    }
}

impl Preset {
    pub(super) fn new(name: &'static str, about: &'static str, path: Path) -> Self {
        Preset { name, about, path, figures: Vec::new() }
    }

    pub(super) fn with(
        mut self,
        parameter: &'static str,
        value: impl ToString,
        basis: Basis,
        source: &'static str,
    ) -> Self {
        self.figures.push(Figure { parameter, value: value.to_string(), basis, source });
        self
    }

    /// Which of its figures are measured, fitted, derived and assumed, and from what.
    pub fn provenance(&self) -> &[Figure] {
        &self.figures
    }

    /// The preset with this name.
    pub fn named(name: &str) -> Option<Preset> {
        Preset::all().into_iter().find(|preset| preset.name == name)
    }
}
