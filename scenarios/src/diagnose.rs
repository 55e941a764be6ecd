//! Problems of scenarios: what, where, and the nearest valid word.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use serde::Serialize;

use crate::text::{Source, Span};

/// At most this many problems of one scenario are reported.
pub(crate) const PROBLEMS_MAX: usize = 20;

/// A problem before it is tied to its source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Finding {
    pub span: Option<Span>,
    pub message: String,
    pub help: Option<String>,
}

impl Finding {
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        Finding { span: Some(span), message: message.into(), help: None }
    }

    pub fn nowhere(message: impl Into<String>) -> Self {
        Finding { span: None, message: message.into(), help: None }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The finding with a place, if it has none yet.
    pub fn or_at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }

    /// An unknown word, with the nearest valid one or, if none is near, all of them.
    pub fn unknown<'a>(
        what: &str,
        word: &str,
        valid: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        Finding { span: None, message: format!("unknown {what} `{word}`"), help: hint(word, valid) }
    }
}

/// "did you mean …" or the whole choice.
fn hint<'a>(word: &str, valid: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    if let Some(near) = nearest(word, valid.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    const LISTED_MAX: usize = 24;
    let mut listed: Vec<_> = valid.into_iter().take(LISTED_MAX + 1).collect();
    if listed.is_empty() {
        return None;
    }
    if listed.len() > LISTED_MAX {
        listed[LISTED_MAX] = "…";
    }
    Some(format!("expected one of {}", listed.join(", ")))
}

/// The valid word that is nearest to `word`, if any is near enough to be meant.
pub fn nearest<'a>(word: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LETTERS_MAX: usize = 64;
    if word.len() > LETTERS_MAX {
        return None;
    }
    let plain = word.to_lowercase().replace(['-', '_'], "");
    let distance = |candidate: &str| {
        let candidate = candidate.to_lowercase().replace(['-', '_'], "");
        if candidate.len() >= 4 && plain.len() >= 4 && candidate.starts_with(&plain) {
            return 1;
        }
        strsim::damerau_levenshtein(&plain, &candidate)
    };
    valid
        .into_iter()
        .filter(|candidate| candidate.len() <= LETTERS_MAX)
        .map(|candidate| (distance(candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= (plain.chars().count() / 3).max(1))
        .map(|(_, candidate)| candidate)
}

/// One problem, at its place in a source.
#[derive(Clone, Debug)]
pub struct Problem {
    message: String,
    help: Option<String>,
    span: Option<Span>,
    position: (usize, usize),
    source: Arc<NamedSource<String>>,
}

/// A problem as plain data, for `--json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ProblemData {
    /// The source's name.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it, usually the nearest valid name.
    pub help: Option<String>,
}

impl Problem {
    pub(crate) fn new(source: &Source, finding: Finding) -> Self {
        let named = NamedSource::new(&source.name, source.text.clone());
        Problem::shared(source, &Arc::new(named), finding)
    }

    fn shared(source: &Source, named: &Arc<NamedSource<String>>, finding: Finding) -> Self {
        Problem {
            position: source.position(finding.span.map_or(0, |span| span.start)),
            message: finding.message,
            help: finding.help,
            span: finding.span,
            source: Arc::clone(named),
        }
    }

    /// The problem without its source.
    pub(crate) fn finding(&self) -> Finding {
        Finding { span: self.span, message: self.message.clone(), help: self.help.clone() }
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where, in bytes; `None` if the whole text is meant.
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// Everything, as plain data.
    pub fn data(&self) -> ProblemData {
        ProblemData {
            file: self.source.name().to_owned(),
            line: self.position.0,
            column: self.position.1,
            message: self.message.clone(),
            help: self.help.clone(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.span.map(|_| &*self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.span?;
        let label = LabeledSpan::new(Some("here".into()), span.start, span.end - span.start);
        Some(Box::new(std::iter::once(label)))
    }
}

/// Everything that is wrong with one scenario; never empty.
#[derive(Clone, Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn one(problem: Problem) -> Self {
        Problems(vec![problem])
    }

    /// The findings in order of their place, the first few of them.
    pub(crate) fn new(source: &Source, mut findings: Vec<Finding>) -> Self {
        assert!(!findings.is_empty(), "problems without a finding");
        findings.sort_by_key(|finding| finding.span);
        findings.dedup();
        findings.truncate(PROBLEMS_MAX);
        let named = Arc::new(NamedSource::new(&source.name, source.text.clone()));
        Problems(findings.into_iter().map(|f| Problem::shared(source, &named, f)).collect())
    }

    /// The problems in order of their place; each is a miette diagnostic of its own.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Problem> {
        self.0.iter()
    }

    /// The first problem.
    pub fn first(&self) -> &Problem {
        &self.0[0]
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => fmt::Display::fmt(only, f),
            all => write!(f, "{} has {} problems", self.first().source.name(), all.len()),
        }
    }
}

impl std::error::Error for Problems {}

impl Diagnostic for Problems {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        if self.0.len() == 1 { self.first().help() } else { None }
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        if self.0.len() == 1 { self.first().source_code() } else { None }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.0.len() == 1 { self.first().labels() } else { None }
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.0.len() == 1 {
            return None;
        }
        Some(Box::new(self.0.iter().map(|problem| problem as &dyn Diagnostic)))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Finding {}
