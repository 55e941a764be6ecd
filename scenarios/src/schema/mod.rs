//! The sections of a scenario file as typed structs, as people write them.
//!
//! A variant whose name starts with `$` is a value without a word in front: `$number`, `$text`,
//! `$list`, `$group` (fields in parentheses).

mod checks;
mod clocks;
mod document;
mod explore;
mod faults;
mod json;
mod network;
mod schedule;
mod sweep;
mod value;

pub(crate) use checks::{CheckForm, Demand, ExpectForm, Expected};
pub(crate) use clocks::{ClocksForm, DriftForm, OffsetForm, WanderForm};
pub(crate) use document::{
    Document, NodesForm, ReplayForm, ServiceForm, Stamp, StopForm, TiesForm, TransportForm,
};
pub(crate) use explore::{ExploreForm, SearchForm, TimingForm};
pub(crate) use faults::{EntryForm, FaultForm, FaultsForm, KindForm, RandomForm, TimedForm};
pub use json::json_schema;
pub(crate) use network::{
    BandwidthForm, CorruptForm, EdgesForm, LinkForm, LossForm, NetworkForm, TopologyForm,
};
pub(crate) use schedule::{MessageForm, ScheduleForm, StepForm};
pub(crate) use sweep::{AxisForm, CombineForm, QuantityForm, RangeForm, SetsForm, SweepForm};
pub(crate) use value::{Delay, DelayForm, Name, Span64, Text, When};
