//! A progress bar on stderr, where somebody watches.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

use super::exit::Exit;
use super::screen::Screen;

/// A bar, or nothing at all.
pub struct Progress(Option<ProgressBar>);

impl Progress {
    /// A bar for `count` runs if stderr is a terminal and it is worth one.
    pub fn new(count: u64, screen: &Screen) -> Self {
        let wanted = count > 1 && !screen.quiet && io::stderr().is_terminal();
        Progress(wanted.then(|| {
            let template = "{bar:30} {human_pos}/{human_len} {msg} {eta}";
            let style = ProgressStyle::with_template(template).expect("a fixed template");
            ProgressBar::new(count).with_style(style)
        }))
    }

    /// A sign of life for a search whose end nobody knows, if stderr is a terminal.
    pub fn search(screen: &Screen) -> Self {
        let wanted = !screen.quiet && io::stderr().is_terminal();
        Progress(wanted.then(|| {
            let style = ProgressStyle::with_template("{spinner} searching for an order, {elapsed}");
            ProgressBar::new_spinner().with_style(style.expect("a fixed template"))
        }))
    }

    /// How far an exploration is, if stderr is a terminal.
    pub fn exploring(screen: &Screen) -> Self {
        let wanted = !screen.quiet && io::stderr().is_terminal();
        Progress(wanted.then(|| {
            let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}");
            ProgressBar::new_spinner().with_style(style.expect("a fixed template"))
        }))
    }

    /// What the search has come to.
    pub fn tell(&self, what: impl FnOnce() -> String) {
        if let Some(bar) = &self.0 {
            bar.set_message(what());
            bar.tick();
        }
    }

    /// A hunt of so many runs; `u64::MAX` if nobody knows how many.
    pub fn hunt(runs: u64, screen: &Screen) -> Self {
        let wanted = !screen.quiet && io::stderr().is_terminal();
        Progress(wanted.then(|| {
            let of = if runs == u64::MAX { "" } else { "/{human_len}" };
            let template = format!("{{spinner}} {{human_pos}}{of} runs, {{per_sec}}, {{msg}}");
            let style = ProgressStyle::with_template(&template).expect("a fixed template");
            ProgressBar::new(runs).with_style(style)
        }))
    }

    /// So many runs of a hunt are done.
    pub fn hunted(&self, runs: u64, failures: u64, reached: u64) {
        if let Some(bar) = &self.0 {
            bar.set_position(runs);
            bar.set_message(format!("{failures} failures, {reached} things reached"));
        }
    }

    /// A failure is being made small.
    pub fn shrinking(&self, group: usize, groups: usize, check: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(format!("shrinking {check}, {} of {groups}", group + 1));
        }
    }

    /// The search goes on.
    pub fn tick(&self) {
        if let Some(bar) = &self.0 {
            bar.tick();
        }
    }

    /// One more run is done.
    pub fn advance(&self, exit: Exit) {
        if let Some(bar) = &self.0 {
            if exit >= Exit::Failed {
                bar.set_message("failures,");
            }
            bar.inc(1);
        }
    }

    /// Prints without leaving pieces of the bar behind.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
