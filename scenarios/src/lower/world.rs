//! The world of a run, section by section.

use seedbed_core::service::ServiceConfig;
use seedbed_core::{Stop, StopWhen, Ties, World};
use seedbed_node::Time;

use super::faults::{Setting, faults};
use super::{Findings, clocks::clocks, network::network};
use crate::schema::{Document, ServiceForm, StopForm, TiesForm};
use crate::text::{Directory, Spanned};

/// Seeds are below 2^53, so that every JSON reader keeps them exactly.
pub(crate) const SEED_BOUND: u64 = 1 << 53;

/// Up to so many nodes, overtaking messages are counted unasked: it costs a word per pair.
const REORDERED_UP_TO: u32 = 1_024;

/// Everything of a run but the algorithm, its clients and its judges.
pub(crate) fn world(form: &Document, directory: &Directory, findings: &mut Findings) -> World {
    let mut world = World::named(seed(form, findings), directory.names.clone());
    world.members = directory.members;
    world.stop = stop(form, findings);
    world.ties = match form.ties {
        Some(TiesForm::Shuffled) => Ties::Shuffled,
        Some(TiesForm::Insertion) | None => Ties::Insertion,
    };
    world.network = network(&form.network, directory, findings);
    world.clocks = clocks(&form.clocks, directory, findings);
    world.service = form.service.as_ref().map(|section| service(section, findings));
    world.count_reordered = directory.names.count() <= REORDERED_UP_TO;
    if let Some(section) = &form.faults {
        let stop = match world.stop.when {
            StopWhen::At(at) => Some(at),
            StopWhen::Quiet | StopWhen::Served => None,
        };
        let setting = Setting { directory, stop, serviced: world.service.is_some() };
        world.faults = faults(section, &setting, findings);
    }
    world
}

fn seed(form: &Document, findings: &mut Findings) -> u64 {
    match &form.seed {
        Some(seed) if seed.value >= SEED_BOUND => {
            findings.at(seed.span, "seeds are below 2^53");
            1
        }
        Some(seed) => seed.value,
        None => 1,
    }
}

fn stop(form: &Document, findings: &mut Findings) -> Stop {
    let mut stop = Stop::default();
    match &form.stop {
        Some(Spanned { value: StopForm::At(after), span }) => {
            if after.as_nanos() == 0 {
                findings.at(*span, "a run that stops at 0s does nothing");
            }
            stop.when = StopWhen::At(Time(after.as_nanos()));
        }
        Some(Spanned { value: StopForm::Served, .. }) => stop.when = StopWhen::Served,
        Some(Spanned { value: StopForm::Quiet, .. }) | None => stop.when = StopWhen::Quiet,
    }
    if let Some(events_max) = form.limits.events_max {
        stop.events_max = events_max;
    }
    stop
}

fn service(form: &Spanned<ServiceForm>, findings: &mut Findings) -> ServiceConfig {
    let ServiceForm { time, by_kind, cores, queue } = &form.value;
    const CORES_MAX: u32 = 65_536;
    if let Some(cores) = cores.filter(|cores| !(1..=CORES_MAX).contains(&cores.value)) {
        findings.at(cores.span, format!("a node has from 1 to {CORES_MAX} cores"));
    }
    ServiceConfig {
        default: findings.distribution(time),
        by_kind: by_kind
            .iter()
            .map(|(kind, time)| (kind.clone(), findings.distribution(time)))
            .collect(),
        cores: cores.map_or(1, |cores| cores.value),
        queue_max: *queue,
    }
}
