//! Switches whose rules are cached by flow, and the controllers that make the rules.
//!
//! A packet asks an exact-match cache, then the megaflows (wildcard rules in subtables by mask:
//! Pfaff et al., *The Design and Implementation of Open vSwitch*, NSDI 2015), then the slow path
//! in user space, then perhaps a controller. Each answer is cached on the way back. [`Switch`] counts
//! and prices the steps; [`Controllers`] queue what gets through. Absent on purpose: what rules
//! say (actions are the nodes'), and links, which are the network's.

mod cache;
mod controller;
mod switch;

pub use cache::{ExactMatch, IdleTable, Lru};
pub use controller::Controllers;
pub use switch::{Answer, Megaflows, Prices, Shape, Switch, SwitchCounts};
