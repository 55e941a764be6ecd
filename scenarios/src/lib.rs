//! Scenario files: from text to a validated [`Plan`], and running it.
//!
//! [`load`] reads a [`Source`] with the vocabulary of a [`Registry`]; everything that is wrong is
//! reported at its place, as [`Problems`]. A plan is run with one seed by [`Plan::run`], with many
//! by [`Plan::run_seeds`]; [`hunt`] looks for runs that fail. The [`library`] is shipped inside the program.
//!
//! What is deliberately absent: files, the wall clock, terminals. The command line has those.

mod batch;
mod diagnose;
mod explore;
mod figure;
mod history;
pub mod hunt;
mod judged;
mod kernel;
mod library;
mod load;
mod lower;
pub mod matrix;
mod plan;
mod registry;
mod schedule;
mod schema;
pub mod session;
pub mod sweep;
mod text;

pub use diagnose::{Problem, ProblemData, Problems, nearest};
pub use explore::{Counterexample, ExploreOptions, Explored, Exploring, Search, Unjudged};
pub use history::{Model, ReadHistory, read_history, to_json as history_to_json};
pub use library::{Shipped, find, library, nearest_name};
pub use load::load;
pub use plan::{Expect, Plan, Recording, Replay, RunOptions};
pub use registry::{AlgorithmRow, FamilyRow, JudgeRow, Registry};
pub use schedule::schedule_text;
pub use schema::json_schema;
pub use text::{Format, Source, Span};
