//! How many simulated packets a second one core of this machine manages:
//! `cargo run --release -p seedbed-core --example path_throughput`.

use std::io::Write;

use seedbed_core::network::path::{Arrivals, Path, Preset, Ps, Trial};

#[expect(clippy::disallowed_methods, reason = "a measurement of real time")]
fn measure(name: &str, path: &Path, arrivals: Arrivals, length: Ps) {
    let trial = Trial::new(path.clone(), arrivals, length);
    let mut best = f64::MAX;
    let mut packets = 0;
    for _ in 0..5 {
        let start = std::time::Instant::now();
        let outcome = trial.run().expect("a preset runs");
        best = best.min(start.elapsed().as_secs_f64());
        packets = outcome.totals.offered;
    }
    let rate = packets as f64 / best / 1e6;
    let line = format!("{name}: {packets} packets in {best:.3} s, {rate:.2} million a second");
    writeln!(std::io::stdout(), "{line}").expect("standard output");
}

fn main() {
    let seconds = Ps::from_millis(100);
    let poisson = |pps| Arrivals::Poisson { pps };
    let constant = |pps| Arrivals::Constant { pps };
    let dpdk = Preset::dpdk().path;
    measure("dpdk, 40 Mpps, Poisson", &dpdk, poisson(40_000_000), seconds);
    measure("dpdk, 40 Mpps, constant", &dpdk, constant(40_000_000), seconds);
    measure("dpdk, 20 Mpps, Poisson", &dpdk, poisson(20_000_000), seconds);
    measure("dpdk, 100 Mpps, constant", &dpdk, constant(100_000_000), seconds);
    measure("xdp, 10 Mpps, Poisson", &Preset::xdp().path, poisson(10_000_000), seconds);
    let chain = Preset::opennetvm(4).path;
    measure("opennetvm(4), 35 Mpps", &chain, constant(35_000_000), seconds);
}
