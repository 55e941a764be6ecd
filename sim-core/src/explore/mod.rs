//! Exhaustive exploration: every state that a small instance can reach.
//!
//! A [`Model`] says what can be explored, and [`search`] explores it:
//!
//! ```
//! use seedbed_core::Verdict;
//! use seedbed_core::explore::{Model, Options, Property, search};
//!
//! /// A jug of five and one of three litres. Can they measure four?
//! struct Jugs;
//!
//! #[derive(Clone, PartialEq, Debug)]
//! enum Pour { Fill, Empty, Over }
//!
//! impl Model for Jugs {
//!     type State = (u8, u8);
//!     type Action = (Pour, bool);
//!
//!     fn initial(&self) -> Vec<(u8, u8)> {
//!         vec![(0, 0)]
//!     }
//!
//!     fn actions(&self, _: &(u8, u8), actions: &mut Vec<(Pour, bool)>) {
//!         for large in [true, false] {
//!             actions.extend([(Pour::Fill, large), (Pour::Empty, large), (Pour::Over, large)]);
//!         }
//!     }
//!
//!     fn apply(&self, jugs: &mut (u8, u8), (pour, large): &(Pour, bool)) -> bool {
//!         let ((five, three), before) = ((jugs.0, jugs.1), *jugs);
//!         *jugs = match (pour, large) {
//!             (Pour::Fill, true) => (5, three),
//!             (Pour::Fill, false) => (five, 3),
//!             (Pour::Empty, true) => (0, three),
//!             (Pour::Empty, false) => (five, 0),
//!             (Pour::Over, true) => { let n = five.min(3 - three); (five - n, three + n) }
//!             (Pour::Over, false) => { let n = three.min(5 - five); (five + n, three - n) }
//!         };
//!         *jugs != before
//!     }
//!
//!     fn properties(&self) -> Vec<Property<Self>> {
//!         vec![Property::always("never four", |_, jugs: &(u8, u8)| jugs.0 != 4)]
//!     }
//! }
//!
//! let explored = search(&Jugs, &Options::default());
//! let broken = explored.broken().expect("four can be measured");
//! assert_eq!(broken.verdict, Verdict::Failed);
//! assert_eq!(broken.trail.as_ref().map(|trail| trail.actions.len()), Some(6));
//!
//! let all = search(&Jugs, &Options { keep_going: true, ..Options::default() });
//! assert!(all.complete);
//! assert_eq!(all.unique, 16);
//! ```

mod fingerprint;
mod graph;
mod liveness;
mod model;
pub mod nodes;
mod options;
mod outcome;
mod path;
mod search;
mod table;

pub use fingerprint::{collision_probability, fingerprint};
pub use model::{Demand, Model, Predicate, Property};
pub use options::{Options, Progress, Strategy};
pub use outcome::{Cut, End, Exploration, Finding, Trail};
pub use search::search;
