//! Laws that hold for every path: conservation, determinism, independence of what is drawn.

use std::collections::BTreeMap;

use proptest::prelude::*;
use seedbed_core::network::path::{
    Agenda, Arrivals, Cost, Flows, HostEvent, Law, Machine, Next, Nic, Notify, Packet, Path, Place,
    Preset, Priority, Ps, Rearm, Sizes, Sleep, Stage, Traffic, Trial,
};

fn notify() -> impl Strategy<Value = Notify> {
    let rearm = prop_oneof![Just(Rearm::WhenEmpty), Just(Rearm::EachBatch)];
    prop_oneof![
        Just(Notify::Poll),
        (0..2_000_000u64).prop_map(|ps| Notify::Signal { switch: Ps(ps) }),
        (0..2_000_000u64, 0..5_000_000u64, rearm).prop_map(|(entry, window, rearm)| {
            Notify::Interrupt { entry: Ps(entry), window: Ps(window), rearm }
        }),
    ]
}

prop_compose! {
    fn stage()(
        core in 0..3u16,
        priority in prop_oneof![
            Just(Priority::Process), Just(Priority::Softirq), Just(Priority::Interrupt)
        ],
        ring in 32..80u32,
        batch in 1..32u32,
        fill in proptest::option::of(0..10_000_000u64),
        notify in notify(),
        costs in (0..500_000u64, 0..500_000u64, 0..3u32),
        exponential: bool,
        yields: bool,
        feedback: bool,
    ) -> Stage {
        let law = if exponential { Law::Exponential } else { Law::Constant };
        let (first, each, copies) = costs;
        let (batch_cost, packet, byte) = (Ps(first), Ps(each), Ps(100));
        let cost = Cost { batch: batch_cost, packet, copies, byte, cache: None, law };
        let interrupts = matches!(notify, Notify::Interrupt { .. });
        let fill = fill.map(Ps).filter(|_| !interrupts);
        let name = "stage".into();
        Stage {
            name, core, priority, ring, batch, fill, notify, cost, yields, feedback,
            then: Next::Host,
        }
    }
}

prop_compose! {
    fn path()(
        mut stages in proptest::collection::vec(stage(), 1..5),
        queues in 1..3usize,
        bus in proptest::option::of(500_000..5_000_000u64),
        wire in any::<bool>(),
        sleep: bool,
    ) -> Path {
        let last = stages.len() - 1;
        for (stage, next) in stages[..last].iter_mut().zip(1..) {
            stage.then = Next::Stage(next);
        }
        stages[last].then = if wire { Next::Wire } else { Next::Host };
        let nic = Nic { bits_per_s: 1_000_000_000, bus_pps: bus, fifo: 16, tx_ring: 24 };
        let ingress = (0..queues.min(stages.len()) as u16).collect();
        let sleep = sleep.then_some(Sleep { after: Ps(1_000_000), wake: Ps(3_000_000) });
        Path { nic, stages, ingress, egress: None, sleep, fixed: Ps(7) }
    }
}

fn arrivals() -> impl Strategy<Value = Arrivals> {
    let pps = 10_000..4_000_000u64;
    prop_oneof![
        pps.clone().prop_map(|pps| Arrivals::Constant { pps }),
        pps.clone().prop_map(|pps| Arrivals::Poisson { pps }),
        (pps, 1..80u32).prop_map(|(pps, size)| Arrivals::Bursts { pps, size }),
        (1..100u32, 0..5_000_000u64)
            .prop_map(|(credits, away)| Arrivals::Closed { credits, away: Ps(away + 1_000) }),
    ]
}

prop_compose! {
    fn trial()(path in path(), arrivals in arrivals(), seed: u64, imix: bool) -> Trial {
        let sizes = if imix { Sizes::Imix } else { Sizes::Fixed(64) };
        let flows = Flows::Zipf { count: 50, exponent: 1.1 };
        let traffic = Traffic { arrivals, sizes, flows };
        Trial { path, traffic, seed, warmup: Ps::from_micros(50), length: Ps::from_micros(500) }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_in_comes_out_or_is_dropped_or_is_inside(trial in trial()) {
        let outcome = trial.run().expect("it makes sense");
        let totals = outcome.totals;
        prop_assert!(totals.offered > 0);
        prop_assert_eq!(totals.offered, totals.left + totals.dropped + totals.inside);
    }

    #[test]
    fn nobody_works_longer_than_time_lasts(trial in trial()) {
        let outcome = trial.run().expect("it makes sense");
        for core in &outcome.cores {
            prop_assert!(core.worked() <= outcome.length, "{:?} of {}", core, outcome.length);
        }
        for (stage, model) in outcome.stages.iter().zip(&trial.path.stages) {
            prop_assert_eq!(stage.batches.len(), model.batch as usize + 1);
            prop_assert_eq!(stage.batches[0], 0, "no batch is empty");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_outcome(trial in trial()) {
        let (first, second) = (trial.run(), trial.run());
        prop_assert_eq!(first, second);
    }

    /// Nothing waits for ever: once nothing more is offered, nothing stays inside.
    #[test]
    fn a_path_runs_empty(path in path(), seed: u64, size in 1..200u32) {
        let arrivals = Arrivals::Bursts { pps: 10, size };
        let mut trial = Trial::new(path, arrivals, Ps::from_millis(50));
        trial.seed = seed;
        let totals = trial.run().expect("it makes sense").totals;
        prop_assert_eq!(totals.inside, 0);
        prop_assert_eq!(totals.offered, u64::from(size));
    }
}

#[test]
fn pinned_so_that_no_platform_differs() {
    let arrivals = Arrivals::Poisson { pps: 2_000_000 };
    let mut trial = Trial::new(Preset::linux_routing().path, arrivals, Ps::from_millis(1));
    trial.traffic.sizes = Sizes::Imix;
    let outcome = trial.run().expect("it makes sense");
    assert_eq!(outcome.digest.to_string(), "a6f5e1ce9d86c11353d2800c2b321888");
}

/// Sizes are drawn apart from instants: the same packets come when others are larger.
#[test]
fn sizes_do_not_shift_arrivals() {
    let run = |sizes| {
        let arrivals = Arrivals::Poisson { pps: 100_000 };
        let mut trial = Trial::new(Preset::dpdk().path, arrivals, Ps::from_millis(10));
        trial.traffic.sizes = sizes;
        trial.run().expect("it makes sense")
    };
    let (plain, mixed) = (run(Sizes::Fixed(64)), run(Sizes::Imix));
    assert_eq!(plain.totals.offered, mixed.totals.offered);
    assert_ne!(plain.digest, mixed.digest);
    let mean = mixed.bytes as f64 / mixed.delivered as f64;
    // (7 * 64 + 4 * 594 + 1518) / 12.
    assert!((mean - 361.8).abs() < 25.0, "{mean} bytes");
}

#[test]
fn nonsense_is_refused_with_a_reason() {
    let path = Preset::dpdk().path;
    let refused = |change: &dyn Fn(&mut Trial)| {
        let mut trial = Trial::new(path.clone(), Arrivals::Constant { pps: 1 }, Ps::from_millis(1));
        change(&mut trial);
        trial.run().expect_err("nonsense")
    };
    for (change, word) in [
        (&(|t: &mut Trial| t.path.stages[0].ring = 0) as &dyn Fn(&mut Trial), "ring"),
        (&|t| t.path.stages[0].then = Next::Stage(7), "stage 7"),
        (&|t| t.path.stages[0].then = Next::Stage(0), "only later"),
        (&|t| t.path.ingress = vec![3], "stage 3"),
        (&|t| t.path.nic.bits_per_s = 0, "rate"),
        (&|t| t.traffic.arrivals = Arrivals::Constant { pps: 0 }, "arrivals"),
        (&|t| t.traffic.arrivals = Arrivals::Poisson { pps: u64::MAX }, "arrivals"),
        (&|t| t.traffic.arrivals = Arrivals::Closed { credits: 9, away: Ps::ZERO }, "away"),
        (&|t| t.traffic.flows = Flows::Uniform(0), "flows"),
        (&|t| t.traffic.sizes = Sizes::Fixed(0), "sizes"),
        (&|t| t.path.stages[0].batch = u32::MAX, "batch"),
        (&|t| t.length = Ps::ZERO, "length"),
    ] {
        let why = refused(change);
        assert!(why.contains(word), "{why}");
    }
}

#[test]
fn a_full_transmit_ring_drops() {
    let mut path = Preset::dpdk_forward().path;
    (path.nic.bits_per_s, path.nic.tx_ring) = (1_000_000_000, 8);
    // The wire in is as slow; bursts are what the ring cannot take.
    path.stages[0].fill = Some(Ps::from_millis(1));
    let outcome = crate::run(&path, Arrivals::Constant { pps: 1_400_000 }, 10);
    assert!(outcome.dropped(Place::Transmit) > 0);
}

#[test]
fn every_preset_says_where_its_figures_are_from() {
    for preset in Preset::all() {
        assert!(!preset.provenance().is_empty(), "{}", preset.name);
        assert_eq!(preset.path.check(), Ok(()), "{}", preset.name);
        assert_eq!(Preset::named(preset.name).map(|p| p.name), Some(preset.name));
    }
    assert_eq!(Preset::named("nothing"), None);
}

/// A machine's events, in order.
#[derive(Default)]
struct Events(BTreeMap<(Ps, u64), HostEvent>, u64);

impl Agenda for Events {
    fn add(&mut self, time: Ps, event: HostEvent) {
        self.0.insert((time, self.1), event);
        self.1 += 1;
    }
}

/// Work of the host's own shares the core: packets' softirqs preempt it, packets of processes wait.
#[test]
fn a_hosts_own_work_shares_its_core() {
    for (preset, work_done, packet_left) in [
        // 790 ns from the packet to the end of the interrupt, then 41.2 ns; all but the wait is work.
        (Preset::xdp(), Ps(2_000_000 + 289_000 + 41_200), Ps(100_000 + 790_000 + 41_200)),
        (Preset::dpdk(), Ps(2_000_000), Ps(2_000_000 + 22_989)),
    ] {
        let mut events = Events::default();
        let keys = seedbed_core::rng::Keys::of_seed(1);
        let mut machine = Machine::new(&preset.path, &keys, 0).expect("a preset");
        machine.occupy(Ps::ZERO, 0, Ps(2_000_000), 77, &mut events);
        let born = Ps(100_000);
        machine.receive(born, Packet { number: 0, born, bytes: 64, flow: 0 }, &mut events);
        let (mut work, mut packet) = (None, None);
        while let Some(((now, _), event)) = events.0.pop_first() {
            machine.handle(now, event, &mut events);
            work = machine.take_done().next().map(|token| (token, now)).or(work);
            packet = machine.take_left().map(|left| left.at).next().or(packet);
        }
        assert_eq!((work, packet), (Some((77, work_done)), Some(packet_left)), "{}", preset.name);
    }
}

/// What the host sends enters at `egress`, waits its turn there, and leaves by the wire in order.
#[test]
fn a_host_sends_by_its_egress() {
    let path = Preset::erpc().path;
    let mut events = Events::default();
    let keys = seedbed_core::rng::Keys::of_seed(1);
    let mut machine = Machine::new(&path, &keys, 0).expect("a preset");
    for number in 0..3 {
        let packet = Packet { number, born: Ps::ZERO, bytes: 64, flow: 0 };
        machine.send(Ps::ZERO, packet, &mut events);
    }
    assert_eq!(machine.inside(), 3);
    let mut left = Vec::new();
    while let Some(((now, _), event)) = events.0.pop_first() {
        machine.handle(now, event, &mut events);
        left.extend(machine.take_left().map(|left| (left.packet.number, left.at)));
    }
    // The first goes alone; the other two are a batch of 200 ns. A frame takes 16.8 ns at 40 Gb/s.
    let want = [(0, Ps(116_800)), (1, Ps(316_800)), (2, Ps(333_600))];
    assert_eq!(left, want);
    assert_eq!(machine.inside(), 0);
}
