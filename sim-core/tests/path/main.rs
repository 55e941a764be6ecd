//! The packet path of a host against published figures, closed forms and its own laws.

mod calibration;
mod chains;
mod closed_forms;
mod laws;
mod livelock;
mod remote_calls;
mod switches;

use seedbed_core::network::path::{Arrivals, Path, PathOutcome, Ps, Trial};

/// Packets of 64 bytes for `ms` milliseconds.
fn run(path: &Path, arrivals: Arrivals, ms: u64) -> PathOutcome {
    Trial::new(path.clone(), arrivals, Ps::from_millis(ms)).run().expect("a path that makes sense")
}

/// More than the path can take: what comes out.
fn saturated(path: &Path, pps: u64, ms: u64) -> f64 {
    run(path, Arrivals::Constant { pps }, ms).pps()
}

#[track_caller]
fn within(what: &str, got: f64, want: f64, share: f64) {
    let error = (got - want) / want;
    println!("{what}: {got:.5} for {want:.5}, {:+.2}%", error * 100.0);
    assert!(error.abs() <= share, "{what}: {got} for {want}, off by {:.2}%", error * 100.0);
}
